(() => {
  "use strict";
  const root = document.documentElement;
  root.classList.add("js");
  const rows = Array.from(document.querySelectorAll(".row"));
  const texts = rows.map((row) => row.textContent.toLowerCase());
  const words = document.getElementById("words");
  const kind = document.getElementById("kind");
  const slot = document.getElementById("slot");
  const found = document.getElementById("found");
  const every = document.getElementById("every");

  const fits = (row, text) =>
    words.value.toLowerCase().split(/\s+/).every((word) => text.includes(word)) &&
    (!kind.value || row.dataset.kind === kind.value || row.dataset.status === kind.value) &&
    (!slot.value || row.dataset.slots.split("\t").includes(slot.value));

  const filter = () => {
    let count = 0;
    rows.forEach((row, at) => {
      row.hidden = !fits(row, texts[at]);
      count += row.hidden ? 0 : 1;
    });
    found.textContent = `${count} of ${rows.length} shown`;
  };

  const fold = () => {
    const open = every.getAttribute("aria-pressed") !== "true";
    rows.forEach((row) => { if (!row.hidden) row.open = open; });
    every.setAttribute("aria-pressed", String(open));
    every.textContent = open ? "Close all" : "Open all";
  };

  const reveal = () => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!target) return;
    if (target.matches(".row") && target.hidden) {
      words.value = kind.value = slot.value = "";
      filter();
    }
    for (let part = target; part; part = part.parentElement) {
      if (part.tagName === "DETAILS") part.open = true;
    }
    target.scrollIntoView();
  };

  const copy = (event) => {
    const button = event.currentTarget;
    const text = button.parentElement.querySelector("code").textContent;
    const done = () => {
      button.textContent = "Copied";
      setTimeout(() => { button.textContent = "Copy"; }, 1500);
    };
    const byHand = () => {
      const range = document.createRange();
      range.selectNodeContents(button.parentElement.querySelector("code"));
      const selection = getSelection();
      selection.removeAllRanges();
      selection.addRange(range);
    };
    if (navigator.clipboard) navigator.clipboard.writeText(text).then(done, byHand);
    else byHand();
  };

  document.addEventListener("toggle", (event) => {
    if (!event.target.open) return;
    event.target.querySelectorAll("pre.run:not(.ready)").forEach((block) => {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "copy";
      button.textContent = "Copy";
      button.addEventListener("click", copy);
      block.classList.add("ready");
      block.append(button);
    });
  }, true);

  if (words) {
    [words, kind, slot].forEach((control) => control.addEventListener("input", filter));
    every.addEventListener("click", fold);
    filter();
  }
  let closed = [];
  addEventListener("beforeprint", () => {
    closed = Array.from(document.querySelectorAll("details:not([open])"));
    closed.forEach((part) => { part.open = true; });
  });
  addEventListener("afterprint", () => closed.forEach((part) => { part.open = false; }));
  addEventListener("hashchange", reveal);
  reveal();
})();
