// Collects what a page complains about: errors on the console, exceptions, and breaches of the content policy.

/** What the browser itself prints while there is no network; a page cannot keep it from doing so. */
const OF_NO_NETWORK = /net::ERR_|WebSocket connection to|An SSL certificate error|Failed to (load resource|fetch)/;

export class Complaints {
  #all = [];
  #expected = [];
  /** True while the network or the relay is away, or comes and goes. */
  networkIsAway = false;

  /** Complaints that match are part of the test, such as the 401 of a wrong password. */
  expect(pattern) {
    this.#expected.push(pattern);
  }

  async watch(context) {
    await context.exposeBinding("simpulTestComplains", (_, words) => this.#add(words));
    await context.addInitScript(() => {
      document.addEventListener("securitypolicyviolation", (event) => {
        window.simpulTestComplains(`content policy: ${event.violatedDirective} stops ${event.blockedURI || event.sample}`);
      });
    });
    const page = (page) => {
      page.on("console", (message) => {
        if (message.type() === "error") this.#add(`console: ${message.text()} (${message.location().url})`);
      });
      page.on("pageerror", (error) => this.#add(`exception: ${error.stack ?? error}`));
      page.on("crash", () => this.#add("the page crashed"));
    };
    context.pages().forEach(page);
    context.on("page", page);
  }

  #add(words) {
    if (this.networkIsAway && OF_NO_NETWORK.test(words)) return;
    if (this.#expected.some((pattern) => pattern.test(words))) return;
    this.#all.push(words);
  }

  /** All that was collected. */
  get all() {
    return this.#all;
  }
}
