# What ./run and ./test need on the machine; sourced by both.
root="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"

fail() {
  echo "$*" >&2
  exit 1
}

need_node() {
  local version
  version="$(node --version 2>/dev/null)" || fail "Node.js 20 or later is needed, with npm, and \`node\` was not found."
  version="${version#v}"
  ((${version%%.*} >= 20)) || fail "Node.js 20 or later is needed; this is $version."
}

need_dotnet() {
  command -v dotnet >/dev/null || fail "The .NET SDK 10 is needed, and \`dotnet\` was not found."
  dotnet --list-sdks | grep -q '^10\.' || fail "The .NET SDK 10 is needed; \`dotnet --list-sdks\` lists none."
}

# Quiet when it works; whole when it fails.
build() {
  local output
  output="$(cd "$root" && dotnet build --nologo -v quiet "$@" 2>&1)" || fail "$output"
}
