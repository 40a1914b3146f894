// Starts GraphiQL. The tabs are the examples in the page, and `?query=` of the URL if it is there.
"use strict";

const element = React.createElement;
const link = new URLSearchParams(location.search);

ReactDOM.createRoot(document.getElementById("graphiql")).render(
  element(
    GraphiQL,
    {
      fetcher: GraphiQL.createFetcher({ url: location.pathname }),
      plugins: [GraphiQLPluginExplorer.explorerPlugin()],
      defaultTabs: JSON.parse(document.getElementById("examples").textContent),
      query: link.get("query") ?? undefined,
      variables: link.get("variables") ?? undefined,
      defaultEditorToolsVisibility: "variables",
      // Queries may contain personal numbers: forget them when the browser's tab is closed.
      storage: sessionStorage,
    },
    element(GraphiQL.Logo, null, "Citizen Hub"),
  ),
);
