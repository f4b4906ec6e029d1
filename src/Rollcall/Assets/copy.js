// Buttons that copy text from the page. They stay hidden without scripts, or where the browser has no clipboard access:
// the text can still be selected.

for (const button of document.querySelectorAll("[data-copy]")) {
  const said = button.parentElement.querySelector("[data-copied]");
  button.addEventListener("click", async () => {
    said.textContent = ""; // the same words again would not be announced
    const text = [...document.querySelectorAll(button.dataset.copy)].map((one) => one.textContent.trim()).join("\n");
    try {
      await navigator.clipboard.writeText(button.dataset.copy === ".app-key" ? text.replaceAll(" ", "") : text);
      said.textContent = "Copied";
    } catch {
      said.textContent = "We could not copy it. Select the text and copy it yourself";
    }
  });
  if (window.isSecureContext && navigator.clipboard) button.hidden = false;
}
