// The controls of a rule: when to be told of a contact, or of those in a group.

import { make, setOptions, setText, setValue } from "./dom.js";
import { text } from "./texts.js";

const OFTEN = ["always", "default", "never", "once"];
const OCCASIONS = ["comes", "goes", "becomes_free", "is_back"];
/** How often it may be for the rest of the rule to be looked at. */
const OWN = new Set(["always", "once"]);

/**
 * Makes the controls; the ids of all of them begin with `prefix`. `send` gets the rule as the app takes it, or `null`
 * for none of its own.
 */
export function makeRule(prefix, send) {
  const about = make("span", "soft");
  const label = make("span", "", make("bdi", ""), " ", about);
  const often = make("select", "");
  often.id = `${prefix}-often`;
  const row = make("label", "line", label, often);
  row.htmlFor = often.id;

  const words = make("p", "soft");
  const occasions = OCCASIONS.map((name) => tick(`${prefix}-${name}`, `page-when-${name}`, "check"));
  const legend = make("legend", "");
  const when = make("fieldset", "ticks", legend, ...occasions.map(({ row: one }) => one));
  const notification = tick(`${prefix}-notification`, "page-notification", "line");
  const sound = tick(`${prefix}-sound`, "page-sound", "line");
  const quiet = tick(`${prefix}-quiet`, "page-even-quiet", "line");
  const program = make("textarea", "");
  program.id = `${prefix}-command`;
  program.rows = 2;
  program.spellcheck = false;
  const programSoft = make("p", "soft");
  programSoft.id = `${prefix}-command-soft`;
  program.setAttribute("aria-describedby", programSoft.id);
  const programLabel = make("span", "");
  const programRow = make("div", "", make("label", "field", programLabel, program), programSoft);
  const summary = make("summary", "");
  const details = make("details", "finer", summary, when, notification.row, sound.row, quiet.row, programRow);
  details.id = `${prefix}-finer`;
  const element = make("div", "rule", row, words, details);

  const read = () => ({
    often: often.value,
    when: OCCASIONS.filter((_, i) => occasions[i].input.checked),
    notification: notification.input.checked,
    sound: sound.input.checked,
    command: commandOf(program.value),
    even_when_quiet: quiet.input.checked,
  });
  element.addEventListener("change", ({ target }) => {
    // Of nothing at all is what "never" is for.
    if (occasions.every(({ input }) => !input.checked)) occasions[0].input.checked = true;
    if (target === often && often.value === "default") return send(null);
    return send(read());
  });

  return {
    element,
    /** Shows the rule; `name` is what the first control is called, and `more` a word about it. */
    show(rule, name, more = "") {
      setText(label.firstChild, name);
      setText(about, more);
      setOptions(often, OFTEN.map((value) => ({ value, text: text(`page-often-${value}`) })));
      setValue(often, rule.often);
      setText(words, rule.words);
      words.hidden = !rule.words;
      setText(summary, text("page-finer"));
      setText(legend, text("page-when-legend"));
      for (const one of [...occasions, notification, sound, quiet]) one.say();
      occasions.forEach(({ input }, i) => { input.checked = rule.when.includes(OCCASIONS[i]); });
      notification.input.checked = rule.notification;
      sound.input.checked = rule.sound;
      quiet.input.checked = rule.evenWhenQuiet;
      programRow.hidden = !rule.commandsAllowed;
      setText(programLabel, text("page-command"));
      setText(programSoft, text("page-command-soft"));
      if (document.activeElement !== program) setValue(program, rule.command);
      details.hidden = !OWN.has(rule.often);
    },
  };
}

/** The program and its arguments, one a line; `null` for none. */
function commandOf(typed) {
  const words = typed.split(/\r?\n/);
  while (words.length > 0 && words.at(-1) === "") words.pop();
  return words.length === 0 || words[0].trim() === "" ? null : words;
}

/** Something to tick; `className` says whether as a box or as a switch at the end of a line. */
function tick(id, words, className) {
  const input = make("input", className === "line" ? "switch" : "");
  input.type = "checkbox";
  input.id = id;
  if (className === "line") input.setAttribute("role", "switch");
  const label = make("span", "");
  const row = make("label", className, ...(className === "line" ? [label, input] : [input, label]));
  row.htmlFor = id;
  return { input, row, say: () => setText(label, text(words)) };
}
