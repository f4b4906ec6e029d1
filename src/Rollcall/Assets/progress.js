// Keeps a progress message up to date. An extra only: the message has a link that reloads the page.

const every = 2000; // milliseconds
const longest = 300; // times; a page left open must not keep a session alive

async function follow(element) {
  for (let times = 0; element.dataset.rollcallProgress === "going on"; times += 1) {
    if (times === longest) return;
    await new Promise((later) => { setTimeout(later, every); });
    try {
      const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById(element.id);
      if (!answer.ok || !fresh) return; // signed out, or gone: keep the last message
      element.replaceChildren(...fresh.childNodes);
      element.dataset.rollcallProgress = fresh.dataset.rollcallProgress;
    } catch {
      // no network for the moment
    }
  }
  element.nextElementSibling.textContent = element.textContent.trim(); // a screen reader hears the end, not every step
}

document.querySelectorAll("[data-rollcall-progress='going on']").forEach(follow);
