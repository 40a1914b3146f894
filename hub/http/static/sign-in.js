// Signs a person in at the hub's issuer: OpenID Connect, authorisation code with PKCE.
// The access token is kept in this tab only, and is sent to the hub only.
"use strict";

const signIn = (() => {
  const config = JSON.parse(document.getElementById("sign-in").textContent);
  const SESSION = "hub:session";
  const PENDING = "hub:pending-sign-in";
  const WITHOUT = "hub:without-sign-in";
  const PURPOSE = "hub:purpose";
  const read = (key) => JSON.parse(sessionStorage.getItem(key));
  const write = (key, value) => sessionStorage.setItem(key, JSON.stringify(value));

  const base64url = (bytes) =>
    btoa(String.fromCharCode(...new Uint8Array(bytes)))
      .replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
  const random = () => base64url(crypto.getRandomValues(new Uint8Array(32)));
  const claimsOf = (token) => {
    const payload = token.split(".")[1].replaceAll("-", "+").replaceAll("_", "/");
    return JSON.parse(new TextDecoder().decode(
      Uint8Array.from(atob(payload), (letter) => letter.charCodeAt(0))));
  };

  // Leave the page for the issuer. `prompt` is "none" (who is signed in there?) or
  // "select_account". Throws if the issuer can't be reached.
  async function leave(prompt) {
    const address = `${config.issuer.replace(/\/$/, "")}/.well-known/openid-configuration`;
    const issuer = await (await fetch(address)).json();
    const pending = {
      state: random(), nonce: random(), verifier: random(), tokens: issuer.token_endpoint,
      search: location.search,
    };
    const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(pending.verifier));
    write(PENDING, pending);
    location.assign(`${issuer.authorization_endpoint}?${new URLSearchParams({
      response_type: "code", client_id: config.client, scope: "openid profile", prompt,
      redirect_uri: location.origin + location.pathname, state: pending.state,
      nonce: pending.nonce, code_challenge: base64url(digest), code_challenge_method: "S256",
    })}`);
    // The page is about to be left: nothing else may happen in it.
    await new Promise(() => {});
  }

  // Exchange the code in the page's address for a token, if the issuer has just sent one.
  async function complete() {
    const given = new URLSearchParams(location.search);
    const pending = read(PENDING);
    sessionStorage.removeItem(PENDING);
    if (pending === null || given.get("state") !== pending.state) {
      return;
    }
    history.replaceState(null, "", location.pathname + pending.search);
    write(WITHOUT, true);
    if (!given.has("code")) {
      return;
    }
    const reply = await fetch(pending.tokens, {
      method: "POST",
      body: new URLSearchParams({
        grant_type: "authorization_code", client_id: config.client, code: given.get("code"),
        redirect_uri: location.origin + location.pathname, code_verifier: pending.verifier,
      }),
    });
    const tokens = await reply.json();
    const person = claimsOf(tokens.id_token);
    if (person.nonce !== pending.nonce || person.iss !== config.issuer) {
      throw new Error("The ID token belongs to another sign-in.");
    }
    write(SESSION, {
      token: tokens.access_token, name: person.name ?? person.sub,
      description: person.description ?? person.hub_role ?? "",
    });
    sessionStorage.removeItem(WITHOUT);
    sessionStorage.removeItem(PURPOSE);
  }

  function forget() {
    sessionStorage.removeItem(SESSION);
    write(WITHOUT, true);
  }

  // Sign in without the person's help where the issuer knows the person. Never throws.
  async function start() {
    if (config === null) {
      return;
    }
    try {
      await complete();
      if (read(SESSION) === null && read(WITHOUT) === null) {
        await leave("none");
      }
      show("");
    } catch {
      show("Sign-in is not available: the identity provider does not answer.");
    }
  }

  // `fetch` for operations: adds the token and the purpose.
  async function send(address, options) {
    const session = config && read(SESSION);
    const purpose = config && read(PURPOSE);
    const reply = await fetch(address, {
      ...options,
      headers: {
        ...(session ? { Authorization: `Bearer ${session.token}` } : {}),
        ...(purpose ? { "Hub-Purpose": purpose } : {}),
        ...options.headers,
      },
    });
    if (reply.status === 401 && session) {
      forget();
      show("Your sign-in has ended.");
    }
    return reply;
  }

  function button(text, act) {
    const made = document.createElement("button");
    made.type = "button";
    made.textContent = text;
    made.addEventListener("click", () => act().catch(
      () => show("Sign-in is not available: the identity provider does not answer.")));
    return made;
  }

  // Fill the list with the purposes that the person may state. Resolves to whether there are any.
  async function offerPurposes(codes) {
    const body = JSON.stringify({ query: "query Purposes { purposes { code title } }" });
    const reply = await send(location.pathname, {
      method: "POST", headers: { "Content-Type": "application/json" }, body,
    });
    const found = (await reply.json()).data?.purposes ?? [];
    codes.append(...found.map(({ code, title }) => new Option(title, code)));
    codes.value = read(PURPOSE) ?? "";
    return found.length > 0;
  }

  // Show in the bar above GraphiQL who is signed in, and why the person reads the data.
  function show(notice) {
    const bar = document.getElementById("session");
    const session = read(SESSION);
    const who = document.createElement("span");
    who.textContent = notice || (session
      ? `Signed in: ${session.name}${session.description && ` (${session.description})`}`
      : "Not signed in");
    const purpose = document.createElement("label");
    const codes = document.createElement("select");
    codes.append(new Option("not stated", ""));
    codes.addEventListener("change", () => write(PURPOSE, codes.value));
    purpose.append("Purpose ", codes);
    purpose.hidden = true;
    if (session) {
      offerPurposes(codes).then((some) => { purpose.hidden = !some; }, () => {});
    }
    bar.replaceChildren(
      who,
      button(session ? "Switch person" : "Sign in", () => leave("select_account")),
      ...(session ? [button("Sign out", async () => { forget(); show(""); })] : []),
      purpose,
    );
    bar.hidden = false;
  }

  return { start, send };
})();
