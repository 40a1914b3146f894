// Starts GraphiQL. The tabs are the examples in the page, and `?query=` of the URL if it is there.
"use strict";

// GraphiQL's dialogs add style elements, which the page's Content-Security-Policy forbids.
// Rules of a constructed style sheet are allowed.
const adopted = new Set();
document.head.appendChild = (node) => {
  if (!(node instanceof HTMLStyleElement)) {
    return Node.prototype.appendChild.call(document.head, node);
  }
  if (!adopted.has(node.textContent)) {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(node.textContent);
    document.adoptedStyleSheets.push(sheet);
    adopted.add(node.textContent);
  }
  return node;
};

function render() {
  const parameters = new URLSearchParams(location.search);
  const linked = parameters.has("query")
    ? [{ query: parameters.get("query"), variables: parameters.get("variables") ?? "" }]
    : [];
  const tabs = [...linked, ...JSON.parse(document.getElementById("examples").textContent)];
  if (sessionStorage.getItem("graphiql:tabState") === null) {
    // GraphiQL reads the first tab's query from `defaultTabs`, but its variables from the storage.
    sessionStorage.setItem("graphiql:variables", tabs[0].variables);
  }

  const element = React.createElement;
  ReactDOM.createRoot(document.getElementById("graphiql")).render(
    element(
      GraphiQL,
      {
        fetcher: GraphiQL.createFetcher({ url: location.pathname, fetch: signIn.send }),
        plugins: [GraphiQLPluginExplorer.explorerPlugin()],
        defaultTabs: tabs,
        ...linked[0],
        defaultEditorToolsVisibility: "variables",
        // Queries may contain personal numbers: forget them when the browser's tab is closed.
        storage: sessionStorage,
      },
      element(GraphiQL.Logo, null, "Citizen Hub"),
    ),
  );
}

signIn.start().then(render);
