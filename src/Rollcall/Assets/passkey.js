// Passkeys: gets a challenge from the server and an answer from the browser, and sends the answer with the form. Where
// passkeys do not work, the form stays hidden and other ways to sign in remain.

const supported = window.isSecureContext && window.PublicKeyCredential && navigator.credentials;
const longest = 9 * 60 * 1000; // the server accepts an answer for ten minutes

const toBytes = (text) =>
  Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (letter) => letter.charCodeAt(0));

const toText = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

// Browsers from before 2025 cannot read and write WebAuthn's JSON themselves.
function read(kind, json) {
  const own = kind === "create" ? "parseCreationOptionsFromJSON" : "parseRequestOptionsFromJSON";
  if (PublicKeyCredential[own]) return PublicKeyCredential[own](json);
  const known = (list) => list?.map((one) => ({ ...one, id: toBytes(one.id) }));
  return {
    ...json,
    challenge: toBytes(json.challenge),
    ...(json.user && { user: { ...json.user, id: toBytes(json.user.id) } }),
    excludeCredentials: known(json.excludeCredentials),
    allowCredentials: known(json.allowCredentials),
  };
}

function write(credential) {
  if (credential.toJSON) return JSON.stringify(credential);
  const response = { transports: credential.response.getTransports?.() };
  for (const part of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"])
    if (credential.response[part]) response[part] = toText(credential.response[part]);
  return JSON.stringify({
    id: credential.id,
    rawId: toText(credential.rawId),
    type: credential.type,
    authenticatorAttachment: credential.authenticatorAttachment,
    clientExtensionResults: credential.getClientExtensionResults(),
    response,
  });
}

async function ask(form, how) {
  const asked = Date.now();
  const answer = await fetch(form.dataset.options, { method: "POST", body: new URLSearchParams(new FormData(form)) });
  if (!answer.ok) throw new Error(`The question was refused: ${answer.status}`);
  const { challenge, options } = await answer.json();
  const kind = form.dataset.passkey;
  const credential = await navigator.credentials[kind]({ publicKey: read(kind, options), ...how });
  // Offered in the address field, it may have waited for longer than the server accepts.
  if (Date.now() - asked > longest) return ask(form, {});
  form.elements.challenge.value = challenge;
  form.elements.credential.value = write(credential);
  form.submit();
}

function prepare(form) {
  const problem = form.querySelector("[data-problem]");
  let offer = new AbortController();
  let busy = false;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (busy) return;
    busy = true;
    problem.textContent = "";
    offer.abort(); // a browser handles one request at a time
    try {
      await ask(form, {});
    } catch (error) {
      const { cancelled, known, failed } = problem.dataset;
      problem.textContent = { NotAllowedError: cancelled, InvalidStateError: known }[error.name] ?? failed;
    }
    busy = false;
  });
  form.hidden = false;
  const address = document.querySelector("input[autocomplete~=webauthn]");
  if (!address) return;
  PublicKeyCredential.isConditionalMediationAvailable?.().then((possible) => {
    // Only an offer: if it fails, the button remains.
    if (!possible || offer.signal.aborted) return;
    ask(form, { mediation: "conditional", signal: offer.signal }).catch(() => {});
  });
}

if (supported) {
  document.querySelectorAll("[data-passkey-unsupported]").forEach((words) => { words.hidden = true; });
  document.querySelectorAll("form[data-passkey]").forEach(prepare);
}
