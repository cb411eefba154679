// What HTML alone can't do: theme and password switches of the server's pages, "/" for search, pasted columns of numbers.
const root = document.documentElement;

const switchTheme = () => {
  const theme = root.classList.contains("dark") ? "light" : "dark";
  root.classList.remove("light", "dark");
  root.classList.add(theme);
  try {
    localStorage.setItem("theme", theme);
  } catch {
    // The choice then lasts as long as the page.
  }
};

const switchPassword = (button) => {
  const input = document.getElementById(button.getAttribute("aria-controls"));
  if (!input) return;
  const shown = input.type === "text";
  input.type = shown ? "password" : "text";
  button.setAttribute("aria-pressed", String(!shown));
};

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-theme-toggle]")) switchTheme();
  const button = event.target.closest("[data-show-password]");
  if (button) switchPassword(button);
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest("input, textarea, select, [contenteditable], [role=menu], [role=dialog]")) return;
  const search = document.querySelector("[data-list-search]");
  if (!search) return;
  event.preventDefault();
  search.focus();
  search.select();
});

// An input drops the line breaks of a pasted column and glues the numbers together: keep them apart, as `as_column` of
// specs/text.py does.
document.addEventListener("paste", (event) => {
  const input = event.target.closest?.("[data-paste-numbers]");
  const text = event.clipboardData?.getData("text/plain") ?? "";
  if (!input || !/[\r\n]/.test(text.trim())) return;
  event.preventDefault();
  const listed = text.trim().split(/\s*[\r\n]+\s*/).join("; ");
  const start = input.selectionStart ?? input.value.length;
  const end = input.selectionEnd ?? start;
  const set = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value").set;
  set.call(input, input.value.slice(0, start) + listed + input.value.slice(end));
  input.dispatchEvent(new Event("input", { bubbles: true }));
});

// How strong a new password is, told while it is typed; the server judges it as it will judge the form.
document.addEventListener("DOMContentLoaded", () => {
  const shown = document.querySelector("[data-strength-of]");
  const input = shown && document.getElementById(shown.dataset.strengthOf);
  if (!input) return;
  const [meter, word] = [shown.querySelector("meter"), shown.querySelector("output")];
  let waiting;
  const judge = async () => {
    const typed = input.value;
    if (!typed) {
      shown.hidden = true;
      return;
    }
    const answer = await fetch("/profile/password-strength", {
      method: "POST",
      body: new URLSearchParams({ password: typed }),
    }).catch(() => null);
    if (!answer?.ok || input.value !== typed) return;
    const { strength } = await answer.json();
    meter.value = strength;
    word.textContent = shown.getAttribute(`data-word-${strength}`);
    shown.hidden = false;
  };
  input.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(judge, 250);
  });
});
