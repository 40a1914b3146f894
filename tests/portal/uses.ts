// A part of a portal: it compiles only if the generated types say what the hub sends.
import type {
  HomeQuery,
  HomeQueryVariables,
  Home_ApplicationFragment,
  Home_SourceFragment,
  PaymentsQuery,
  SourceState,
} from "./operations";

const missing: readonly SourceState[] = ["UNAVAILABLE", "MAINTENANCE", "CIRCUIT_OPEN"];

export const variables: HomeQueryVariables = { citizen: "7KNL042101", lang: "HI" };

/** Return the sentences about missing departments, above a list. */
export function notices(sources: readonly Home_SourceFragment[]): string[] {
  return sources
    .filter(({ state }) => missing.includes(state))
    .map(({ department, message }) => `${department?.name ?? ""}: ${message ?? ""}`);
}

/** Return the line of an application in a list. */
export function title(application: Home_ApplicationFragment): string {
  const due: string | null = application.dueDate;
  return [application.service?.name, application.applicationStatusLabel, due]
    .filter((part) => part != null)
    .join(" · ");
}

/** Return the heading of the list: with the number of applications, if the hub knows it. */
export function heading(answer: HomeQuery): string {
  const list = answer.citizen?.applications;
  return list?.totalCount == null ? "Applications" : `Applications (${list.totalCount})`;
}

/** Return the money that reached the citizen. */
export function paid(answer: PaymentsQuery): number {
  const benefits = answer.citizen?.benefits?.edges ?? [];
  return benefits
    .flatMap(({ node }) => node.payments ?? [])
    .filter(({ paymentStatus }) => paymentStatus === "SUCCEEDED")
    .reduce((sum, { amount }) => sum + (amount?.amount ?? 0), 0);
}
