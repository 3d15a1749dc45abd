using System.Text.Json.Nodes;

namespace Tsunagi.Tests.Isolation;

/// <summary>A writing request with the owner's things in it: in its path, or in its body.</summary>
/// <param name="Body">An object (JSON), a dictionary (a form of the console), a text (CSV), or null.</param>
internal sealed record WriteCase(string Method, string Pattern, object? Body = null)
{
    /// <summary>Only the provider's people may, once they see it: theirs is the success. Others still do not learn that there is anything.</summary>
    public bool ByOperator { get; init; }

    /// <summary>Answers everybody, and must show nothing of the owner's.</summary>
    public bool Shows { get; init; }

    /// <summary>The things of the path, where it is not the first of its kind: a form and the API cannot both remove the same one.</summary>
    public IReadOnlyDictionary<string, string> Instead { get; init; } = new Dictionary<string, string>();

    /// <summary>What the owner gets beside a success, where the thing has nothing to do.</summary>
    public int OwnerMayGet { get; init; } = 200;

    /// <summary>The route.</summary>
    public string Key => $"{Method} {Pattern.Split('?')[0]}";
}

/// <summary>
/// What the isolation test asks of each route. A route with things in its path needs nothing here to be read; a writing one needs its request. One that is
/// in none of these lists turns the test red.
/// </summary>
internal static partial class IsolationCases
{
    /// <summary>The file the owner applies, and one of the same name that others would.</summary>
    public static readonly JsonObject Document = Manifest("desk", "Owner's desk");

    private static readonly JsonObject OthersDocument = Manifest("bench", "A bench");

    /// <summary>A bank's file with one booking that is recorded as the owner's payment.</summary>
    public static readonly object BankFile = new { content = "MjAyNi8xMS8wMSwzMzAsYmFuawo=", csv = new { account = "1", hasHead = false, date = "1", amount = "2", payer = "3" } };

    /// <summary>An item of a quote or order that is done only after the test.</summary>
    public static readonly object LaterItem = new
    {
        offering = "mail", name = "Owner's later mail", settings = new { domains = new[] { "owner.example" }, nextHop = IsolationWorld.NextHop },
        requestedOn = TimeProvider.System.GetUtcNow().AddDays(9).ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture),
    };

    /// <summary>Reports are of days that are over.</summary>
    public static DateTimeOffset Yesterday() => TimeProvider.System.GetUtcNow().AddDays(-1);

    /// <summary>What a receiver saw of mail in the owner's name.</summary>
    public static string AggregateReport() => Tsunagi.Tests.Protocols.Mail.Feedback.FeedbackSample.Aggregate("owner.example", "Owner's mail", begin: Yesterday().ToUnixTimeSeconds());

    /// <summary>What only the provider's operators may read, and of that what lies in a part of the tree: one who looks at another part finds nothing there.</summary>
    public static readonly IReadOnlyList<string> OfOperators =
    [
        "/api/v1/backoffice/runs", "/api/v1/backoffice/runs/{run}", "/api/v1/ddos/incidents/{incident}/known-sources", "/api/v1/ddos/incidents/{incident}/share-preview?group=isps&tlp=amber",
        "/console/ddos/incidents/{Id}/share",
    ];

    /// <summary>What only the provider and resellers may read, each of its own customers: a customer finds nothing there.</summary>
    public static readonly IReadOnlyList<string> OfResellers =
    [
        "/api/v1/backoffice/reports/{report}", "/api/v1/backoffice/reports/{report}/document.csv", "/api/v1/backoffice/reports/{report}/document.pdf", "/api/v1/backoffice/report-lines",
        "/console/backoffice/reports", "/console/backoffice/reports/{Report}", "/console/backoffice/reports/{report}/document.csv", "/console/backoffice/reports/{report}/document.pdf",
        "/console/backoffice/report-lines",
    ];

    /// <summary>A milestone of a project order.</summary>
    public static readonly object Milestone = new { name = "Design", dueOn = "2026-12-01", amountMinor = 100 };

    /// <summary>What is asked of those routes: each report has queries of its own.</summary>
    public static IEnumerable<string> Reports()
    {
        var month = TimeProvider.System.GetUtcNow().AddHours(9);
        var span = string.Create(System.Globalization.CultureInfo.InvariantCulture, $"from={month.AddMonths(-1):yyyy-MM}&to={month.AddMonths(1):yyyy-MM}&currency=JPY");
        foreach (var report in new[] { "revenue", "concentration", "distribution", "attach", "retention", "aging", "deferred" })
        {
            yield return "/api/v1/backoffice/reports/" + report;
            yield return "/console/backoffice/reports/" + report;
        }

        yield return "/api/v1/backoffice/reports/concentration/document.csv";
        yield return "/api/v1/backoffice/reports/revenue/document.pdf";
        yield return "/console/backoffice/reports";
        yield return "/console/backoffice/reports/concentration/document.csv";
        yield return "/console/backoffice/reports/revenue/document.pdf";
        yield return "/api/v1/backoffice/report-lines?" + span;
        yield return "/console/backoffice/report-lines?" + span;
    }

    /// <summary>Routes that carry nobody's thing, and why.</summary>
    public static readonly IReadOnlyDictionary<string, string> OfNobody = new Dictionary<string, string>
    {
        ["GET /api/v1/plans/{plan}"] = "the catalogue is everyone's",
        ["PUT /api/v1/plans/{plan}"] = "the catalogue is the provider's to change",
        ["PATCH /api/v1/plans/{plan}"] = "the catalogue is the provider's to change",
        ["POST /console/plans/{plan}/category"] = "the catalogue is the provider's to change",
        ["GET /assets/{hash}/{name}"] = "files of the program",
        ["GET /api/v1/mail/routes/{mailDomain}"] = "what the DNS says to everybody; whose server a domain's mail goes to is tested in Routes_shown_to_people",
        ["GET /link/{Token}"] = "a one-time secret is its own key",
        ["GET /pending/{link}"] = "a signed link is its own key, of one message",
        ["POST /pending/{link}/all/send"] = "a signed link is its own key, of one message",
        ["POST /pending/{link}/all/cancel"] = "a signed link is its own key, of one message",
        ["POST /pending/{link}/{pending}/send"] = "a signed link is its own key, of one message",
        ["POST /pending/{link}/{pending}/cancel"] = "a signed link is its own key, of one message",
        ["GET /quarantine/{link}"] = "a signed link is its own key, of one recipient",
        ["GET /quarantine/{link}/{held}"] = "a signed link is its own key, of one recipient",
        ["POST /quarantine/{link}/language"] = "a signed link is its own key, of one recipient",
        ["POST /quarantine/{link}/{held}/release"] = "a signed link is its own key, of one recipient",
        ["POST /quarantine/{link}/{held}/request"] = "a signed link is its own key, of one recipient",
        ["POST /quarantine/{link}/{held}/delete"] = "a signed link is its own key, of one recipient",
        ["POST /quarantine/{link}/{held}/teach"] = "a signed link is its own key, of one recipient",
        ["POST /quarantine/{link}/{held}/block"] = "a signed link is its own key, of one recipient",
        ["GET /why/mail/{code}"] = "what a code means, for senders who were refused: of no message and nobody",
        ["GET /_framework/opaque-redirect"] = "the framework's, closed to everyone",
        ["GET /console/_parts"] = "a gallery with samples, in Development only",
        ["GET /api/v1/search"] = "nothing without a text; with one it is among the lists",
        ["GET /console/live"] = "a stream; it has a test of its own",
        ["POST /api/v1/session"] = "before sign-in",
        ["POST /api/v1/session/code"] = "before sign-in",
        ["POST /api/v1/session/password-link"] = "before sign-in",
        ["POST /sign-in"] = "before sign-in",
        ["POST /sign-in/code"] = "before sign-in",
        ["POST /link"] = "before sign-in",
        ["POST /console/preferences"] = "a cookie of the browser's own",
        ["POST /console/sign-out"] = "the caller's own session, named by its cookie",
        ["DELETE /api/v1/session"] = "the caller's own session, named by its cookie",
        ["PATCH /api/v1/session"] = "the caller's own record",
        ["PUT /api/v1/session/password"] = "the caller's own password",
        ["POST /api/v1/session/totp"] = "the caller's own codes",
        ["PUT /api/v1/session/totp"] = "the caller's own codes",
        ["DELETE /api/v1/session/totp"] = "the caller's own codes",
        ["POST /console/settings/profile"] = "the caller's own record",
        ["POST /console/settings/password"] = "the caller's own password",
        ["POST /console/settings/authenticator"] = "the caller's own codes",
        ["POST /console/settings/authenticator/confirm"] = "the caller's own codes",
        ["POST /console/settings/authenticator/remove"] = "the caller's own codes",
        ["POST /api/v1/tokens"] = "a token is made for the caller alone",
        ["POST /console/tokens"] = "a token is made for the caller alone",
        ["POST /console/roles"] = "a role is made in the caller's own tenant",
        ["POST /console/mail/senders"] = "a rule is made in the caller's own tenant",
        ["POST /api/v1/audit/verify"] = "the provider's operators only, over the chain as a whole",
        ["GET /api/v1/nodes"] = "the provider's operators only; nodes are of no tenant",
        ["GET /console/nodes"] = "the provider's operators only; nodes are of no tenant",
        ["GET /api/v1/ddos/exporters"] = "the provider's operators only; exporters are of no tenant",
        ["GET /api/v1/ddos/sharing"] = "the provider's operators only; whom the provider shares with, and what others told it, is the provider's",
        ["GET /api/v1/ddos/shared-with-us"] = "the provider's operators only; whom the provider shares with, and what others told it, is the provider's",
        ["GET /api/v1/ddos/shared-with-us/{foreign}"] = "the provider's operators only; whom the provider shares with, and what others told it, is the provider's",
        ["GET /api/v1/ddos/incidents/{incident}/known-sources"] = "the provider's operators only; whom the provider shares with, and what others told it, is the provider's",
        ["GET /api/v1/ddos/incidents/{incident}/share-preview"] = "the provider's operators only; whom the provider shares with, and what others told it, is the provider's",
        ["POST /api/v1/ddos/incidents/{incident}/shares"] = "the provider's operators only; whom the provider shares with, and what others told it, is the provider's",
        ["POST /api/v1/ddos/shares/{share}/withdraw"] = "the provider's operators only; whom the provider shares with, and what others told it, is the provider's",
        ["GET /console/ddos/sharing"] = "the provider's operators only; whom the provider shares with, and what others told it, is the provider's",
        ["GET /console/ddos/shared/{Id}"] = "the provider's operators only; whom the provider shares with, and what others told it, is the provider's",
        ["GET /console/ddos/incidents/{Id}/share"] = "the provider's operators only; whom the provider shares with, and what others told it, is the provider's",
        ["POST /console/ddos/incidents/{id}/share"] = "the provider's operators only; whom the provider shares with, and what others told it, is the provider's",
        ["POST /console/ddos/shares/{id}/withdraw"] = "the provider's operators only; whom the provider shares with, and what others told it, is the provider's",
        ["GET /taxii2"] = "a token of a sharing peer is its own key, and sees the collections that name it",
        ["GET /taxii2/api"] = "a token of a sharing peer is its own key, and sees the collections that name it",
        ["GET /taxii2/api/status/{status}"] = "a token of a sharing peer is its own key, and sees the collections that name it",
        ["GET /taxii2/api/collections"] = "a token of a sharing peer is its own key, and sees the collections that name it",
        ["GET /taxii2/api/collections/{collection}"] = "a token of a sharing peer is its own key, and sees the collections that name it",
        ["GET /taxii2/api/collections/{collection}/manifest"] = "a token of a sharing peer is its own key, and sees the collections that name it",
        ["GET /taxii2/api/collections/{collection}/objects"] = "a token of a sharing peer is its own key, and sees the collections that name it",
        ["POST /taxii2/api/collections/{collection}/objects"] = "a token of a sharing peer is its own key, and sees the collections that name it",
        ["GET /taxii2/api/collections/{collection}/objects/{stix}"] = "a token of a sharing peer is its own key, and sees the collections that name it",
        ["GET /taxii2/api/collections/{collection}/objects/{stix}/versions"] = "a token of a sharing peer is its own key, and sees the collections that name it",
        ["GET /console/ddos/exporters"] = "the provider's operators only; exporters are of no tenant",
        ["POST /api/v1/connectivity/sessions/{lineSession}/disconnect"] = "the provider's operators only; asks an access server",
        ["POST /api/v1/connectivity/sessions/{lineSession}/coa"] = "the provider's operators only; asks an access server",
        ["GET /api/v1/connectivity/home-servers"] = "the provider's operators only; home servers are of no tenant",
        ["GET /api/v1/connectivity/nas"] = "the provider's operators only; access servers are of no tenant",
        ["GET /api/v1/connectivity/nas/{nas}"] = "the provider's operators only; access servers are of no tenant",
        ["POST /api/v1/connectivity/nas"] = "the provider's operators only; access servers are of no tenant",
        ["PATCH /api/v1/connectivity/nas/{nas}"] = "the provider's operators only; access servers are of no tenant",
        ["DELETE /api/v1/connectivity/nas/{nas}"] = "the provider's operators only; access servers are of no tenant",
        ["GET /console/connectivity/nas"] = "the provider's operators only; access servers are of no tenant",
        ["GET /console/connectivity/nas/{Id}"] = "the provider's operators only; access servers are of no tenant",
        ["POST /console/connectivity/nas"] = "the provider's operators only; access servers are of no tenant",
        ["POST /console/connectivity/nas/{id}"] = "the provider's operators only; access servers are of no tenant",
        ["POST /console/connectivity/nas/{id}/remove"] = "the provider's operators only; access servers are of no tenant",
        ["GET /api/v1/connectivity/vrfs"] = "the provider's operators only; the plan of addresses is the provider's",
        ["POST /api/v1/connectivity/vrfs"] = "the provider's operators only; the plan of addresses is the provider's",
        ["POST /api/v1/connectivity/prefixes"] = "the provider's operators only; the plan of addresses is the provider's",
        ["GET /api/v1/connectivity/prefixes/{ipamPrefix}/reverse-zone"] = "the provider's operators only; the plan of addresses is the provider's",
        ["GET /api/v1/connectivity/pools"] = "the provider's operators only; the plan of addresses is the provider's",
        ["POST /api/v1/connectivity/pools"] = "the provider's operators only; the plan of addresses is the provider's",
        ["GET /api/v1/connectivity/pools/{pool}"] = "the provider's operators only; the plan of addresses is the provider's",
        ["PATCH /api/v1/connectivity/pools/{pool}"] = "the provider's operators only; the plan of addresses is the provider's",
        ["DELETE /api/v1/connectivity/pools/{pool}"] = "the provider's operators only; the plan of addresses is the provider's",
        ["GET /api/v1/connectivity/pools/{pool}/assignments"] = "the provider's operators only; the plan of addresses is the provider's",
        ["POST /api/v1/connectivity/pools/{pool}/assignments"] = "the provider's operators only; the plan of addresses is the provider's",
        ["DELETE /api/v1/connectivity/pools/{pool}/assignments/{slot}"] = "the provider's operators only; the plan of addresses is the provider's",
        ["POST /api/v1/connectivity/pools/{pool}/assignments/{slot}/growth"] = "the provider's operators only; the plan of addresses is the provider's",
        ["POST /api/v1/connectivity/holders"] = "the provider's operators only; the plan of addresses is the provider's",
        ["GET /console/connectivity/pools/{Pool}"] = "the provider's operators only; the plan of addresses is the provider's",
        ["GET /console/connectivity/holders"] = "the provider's operators only; the plan of addresses is the provider's",
        ["GET /console/connectivity/holders/{Question}"] = "the provider's operators only; the plan of addresses is the provider's",
        ["POST /console/connectivity/ipam"] = "the provider's operators only; the plan of addresses is the provider's",
        ["POST /console/connectivity/pools"] = "the provider's operators only; the plan of addresses is the provider's",
        ["POST /console/connectivity/pools/{pool}/assign"] = "the provider's operators only; the plan of addresses is the provider's",
        ["POST /console/connectivity/pools/{pool}/release"] = "the provider's operators only; the plan of addresses is the provider's",
        ["POST /console/connectivity/pools/{pool}/remove"] = "the provider's operators only; the plan of addresses is the provider's",
        ["POST /console/connectivity/holders"] = "the provider's operators only; the plan of addresses is the provider's",
        ["PATCH /api/v1/connectivity/prefixes/{ipamPrefix}"] = "the provider's operators only; the plan of addresses is the provider's",
        ["DELETE /api/v1/connectivity/prefixes/{ipamPrefix}"] = "the provider's operators only; the plan of addresses is the provider's",
        ["POST /api/v1/connectivity/prefixes/{ipamPrefix}/next"] = "the provider's operators only; the plan of addresses is the provider's",
        ["POST /console/connectivity/ipam/{ipamPrefix}"] = "the provider's operators only; the plan of addresses is the provider's",
        ["POST /console/connectivity/ipam/{ipamPrefix}/next"] = "the provider's operators only; the plan of addresses is the provider's",
        ["POST /console/connectivity/ipam/{ipamPrefix}/remove"] = "the provider's operators only; the plan of addresses is the provider's",
        ["POST /api/v1/connectivity/probes"] = "the provider's operators only; probes send from the provider's network",
        ["DELETE /api/v1/connectivity/probes/{probe}"] = "the provider's operators only; probes send from the provider's network",
        ["POST /console/connectivity/lines/{id}/probes"] = "the provider's operators only; probes send from the provider's network",
        ["POST /console/connectivity/lines/{id}/probes/{probe}/remove"] = "the provider's operators only; probes send from the provider's network",
        ["POST /api/v1/connectivity/sla/{subscription}/credit"] = "the provider's operators only; the provider says what it gives back",
        ["POST /console/connectivity/sla/{id}/credit"] = "the provider's operators only; the provider says what it gives back",
        ["POST /api/v1/connectivity/outages"] = "the provider's operators only; the provider says what was down",
        ["PATCH /api/v1/connectivity/outages/{outage}"] = "the provider's operators only; the provider says what was down",
        ["POST /api/v1/connectivity/maintenance"] = "the provider's operators only; the provider says what was down",
        ["DELETE /api/v1/connectivity/maintenance/{maintenance}"] = "the provider's operators only; the provider says what was down",
        ["POST /api/v1/connectivity/import/freeradius"] = "the provider's operators only; the plan of addresses is the provider's",
        ["POST /api/v1/connectivity/import/kea"] = "the provider's operators only; the plan of addresses is the provider's",
        ["POST /api/v1/connectivity/import/plan"] = "the provider's operators only; the plan of addresses is the provider's",
        ["POST /api/v1/routers/devices"] = "the provider's operators only; what is registered is of no tenant yet",
        ["POST /console/routers/devices"] = "the provider's operators only; what is registered is of no tenant yet",
        ["POST /console/routers/pushes"] = "a push is planned over the sites that the caller sees, and over no other",
        ["GET /api/v1/routers/arms/authority"] = "the provider's operators only; the certificate is the provider's",
        ["POST /api/v1/mail/import/postfix"] = "the provider's operators only; what is imported belongs to the subscription's tenant",
        ["POST /api/v1/routers/import/genieacs"] = "the provider's operators only; what is imported is of no tenant yet",
        ["GET /api/v1/routing/kernel-routes"] = "the provider's operators only; routes of a node are of no tenant",
        ["GET /api/v1/routing/sessions"] = "the provider's operators only; sessions are of no tenant",
        ["GET /api/v1/routing/scrubbers"] = "the provider's operators only; scrubbers are of no tenant",
        ["GET /console/ddos/sessions"] = "the provider's operators only; sessions are of no tenant",
        ["POST /api/v1/backoffice/shadow"] = "the provider's operators only; it is over all accounts",
        ["GET /api/v1/backoffice/closings"] = "the provider's operators only; a month is closed over all accounts",
        ["POST /api/v1/backoffice/closings"] = "the provider's operators only; a month is closed over all accounts",
        ["POST /console/backoffice/closings"] = "the provider's operators only; a month is closed over all accounts",
        ["GET /api/v1/backoffice/runs"] = "the provider's operators only; runs are over all accounts",
        ["POST /api/v1/backoffice/runs"] = "the provider's operators only; runs are over all accounts",
        ["GET /api/v1/backoffice/runs/{run}"] = "the provider's operators only; runs are over all accounts",
        ["GET /api/v1/backoffice/runs/{run}/bills"] = "the provider's operators only; runs are over all accounts",
        ["POST /api/v1/backoffice/runs/{run}/release"] = "the provider's operators only; runs are over all accounts",
        ["POST /api/v1/backoffice/runs/{run}/discard"] = "the provider's operators only; runs are over all accounts",
        ["GET /console/backoffice"] = "the provider's operators only; runs are over all accounts",
        ["GET /console/backoffice/runs/{Id}"] = "the provider's operators only; runs are over all accounts",
        ["GET /console/backoffice/runs/{Run}/bills/{Account}"] = "the provider's operators only; runs are over all accounts",
        ["POST /console/backoffice/runs"] = "the provider's operators only; runs are over all accounts",
        ["POST /console/backoffice/runs/{run}/release"] = "the provider's operators only; runs are over all accounts",
        ["POST /console/backoffice/runs/{run}/discard"] = "the provider's operators only; runs are over all accounts",
        ["GET /api/v1/backoffice/dunning"] = "the provider's operators only; dunning is the provider's",
        ["GET /api/v1/backoffice/dunning/proposals"] = "the provider's operators only; dunning is the provider's",
        ["POST /api/v1/backoffice/dunning/proposals/{proposal}/release"] = "the provider's operators only; dunning is the provider's",
        ["POST /api/v1/backoffice/dunning/proposals/{proposal}/skip"] = "the provider's operators only; dunning is the provider's",
        ["POST /api/v1/backoffice/dunning/releases"] = "the provider's operators only; dunning is the provider's",
        ["GET /api/v1/backoffice/dunning/steps"] = "the provider's operators only; dunning is the provider's",
        ["GET /api/v1/backoffice/dunning/terms"] = "the provider's operators only; dunning is the provider's",
        ["PUT /api/v1/backoffice/dunning/terms"] = "the provider's operators only; dunning is the provider's",
        ["GET /api/v1/backoffice/dunning/holidays"] = "the provider's operators only; dunning is the provider's",
        ["PUT /api/v1/backoffice/dunning/holidays"] = "the provider's operators only; dunning is the provider's",
        ["GET /api/v1/backoffice/dunning/bookings"] = "the provider's operators only; dunning is the provider's",
        ["POST /api/v1/backoffice/dunning/dismissals"] = "the provider's operators only; dunning is the provider's",
        ["GET /api/v1/backoffice/letters/{letter}"] = "the provider's operators only; dunning is the provider's",
        ["POST /api/v1/backoffice/letters/{letter}/send-again"] = "the provider's operators only; dunning is the provider's",
        ["POST /api/v1/backoffice/letters/{letter}/delivered"] = "the provider's operators only; dunning is the provider's",
        ["GET /console/backoffice/dunning"] = "the provider's operators only; dunning is the provider's",
        ["GET /console/backoffice/dunning/terms"] = "the provider's operators only; dunning is the provider's",
        ["GET /console/backoffice/letters/{Id}"] = "the provider's operators only; dunning is the provider's",
        ["POST /console/backoffice/dunning/chosen"] = "the provider's operators only; dunning is the provider's",
        ["POST /console/backoffice/dunning/{proposal}/release"] = "the provider's operators only; dunning is the provider's",
        ["POST /console/backoffice/dunning/{proposal}/skip"] = "the provider's operators only; dunning is the provider's",
        ["POST /console/backoffice/dunning/rules"] = "the provider's operators only; dunning is the provider's",
        ["POST /console/backoffice/dunning/stages/{stage}"] = "the provider's operators only; dunning is the provider's",
        ["POST /console/backoffice/dunning/holidays"] = "the provider's operators only; dunning is the provider's",
        ["POST /console/backoffice/dunning/dismissals"] = "the provider's operators only; dunning is the provider's",
        ["POST /console/backoffice/letters/{letter}/send-again"] = "the provider's operators only; dunning is the provider's",
        ["POST /console/backoffice/letters/{letter}/delivered"] = "the provider's operators only; dunning is the provider's",
        ["GET /api/v1/backoffice/ledger/balances"] = "the provider's operators only; the books are the provider's",
        ["GET /api/v1/backoffice/ledger/journal"] = "the provider's operators only; the books are the provider's",
        ["GET /api/v1/backoffice/general-ledger"] = "the provider's operators only; the books are the provider's",
        ["PUT /api/v1/backoffice/general-ledger"] = "the provider's operators only; the books are the provider's",
        ["GET /api/v1/backoffice/markets"] = "the provider's operators only; the books are the provider's",
        ["PUT /api/v1/backoffice/markets"] = "the provider's operators only; the books are the provider's",
        ["POST /api/v1/backoffice/sample"] = "the provider's operators only; the books are the provider's",
        ["GET /api/v1/meters/verification"] = "the provider's operators only, over all meters",
    };

    /// <summary>Tables for the provider's operators only: of no tenant.</summary>
    public static readonly IReadOnlyList<string> TablesOfNobody = ["dunning-step", "node", "nas", "pool", "assignment", "question", "foreign"];

    /// <summary>Pages that show a thing named in the query: as those with one in the path.</summary>
    public static readonly IReadOnlyList<string> ThingsInQuery = ["/console/subscriptions/new?tenant={tenant}", "/console/tenants/new?below={tenant}", "/console/mail/policies/edit?tenant={tenant}", "/console/mail/recipients?list={subscription}", "/console/mail/signing?domain={signedDomain}", "/console/routers/sites/{shop}"];

    /// <summary>Lists in the orders and filters that have a query of their own.</summary>
    public static IEnumerable<string> Lists(IsolationWorld world)
    {
        foreach (var text in world.Things.Values.Append("owner.example").Append("owner").Append("192.0.2.1").Append("b@owner.example").Append("one@sender.example").Append("c@owner.example").Distinct())
        {
            var query = "?q=" + Uri.EscapeDataString(text);
            yield return "/api/v1/search" + query;
            yield return "/console/search" + query;
            yield return "/console/search/suggest" + query;
        }

        yield return "/api/v1/mail/messages?text=" + Uri.EscapeDataString("b@owner.example");
        yield return "/api/v1/mail/messages?state=deferred";
        yield return "/api/v1/backoffice/customer-bills?text=Owner";
        yield return "/api/v1/backoffice/customer-bills?state=open";
        yield return "/api/v1/backoffice/customer-bills?text=" + world.Things["number"];
        yield return "/api/v1/backoffice/payments?text=Owner";
        yield return "/api/v1/backoffice/quotes?text=Owner";
        yield return "/api/v1/backoffice/product-orders?text=" + Uri.EscapeDataString("Owner's order");
        yield return "/api/v1/backoffice/accounts?text=Owner";
        yield return "/api/v1/ddos/incidents?state=open";
        yield return "/api/v1/ddos/incidents?text=198.18.7.1";
        yield return "/api/v1/ddos/flows/series?by=contract&last=1d";
        yield return "/api/v1/ddos/flows/top?by=contract&last=1d";
        yield return "/api/v1/ddos/shares?state=shared";
        yield return "/api/v1/ddos/dry-runs?text=" + world.Things["protection"];
        yield return "/api/v1/ddos/mitigations?state=active";
        yield return "/api/v1/ddos/mitigations?text=198.18.7";
        yield return "/api/v1/connectivity/sessions?state=open";
        yield return "/api/v1/connectivity/sessions?text=198.18.8.77";
        yield return "/api/v1/connectivity/leases?state=bound";
        yield return "/api/v1/connectivity/probes?state=unknown";
        yield return "/api/v1/connectivity/leases?text=" + Uri.EscapeDataString("2001:db8:77::/56");
        yield return "/api/v1/connectivity/lines?text=" + Uri.EscapeDataString("line@owner.example");
        yield return "/api/v1/connectivity/prefixes?text=198.18.9.1";
        yield return "/api/v1/connectivity/lines?sort=userName";
        yield return "/api/v1/connectivity/lines?sort=-userName";
        yield return "/console/tables/line.csv?sort=user";
        yield return "/console/tables/line.csv?sort=-user";
        yield return "/api/v1/routers/devices?text=OWNERBOX1";
        yield return "/api/v1/routers/devices?state=observed";
        yield return "/api/v1/routers/devices?site=" + world.Things["site"];
        yield return "/api/v1/mail/quarantine?text=bill";
        yield return "/api/v1/mail/quarantine?state=held";
        yield return "/api/v1/mail/pending?state=pending";
        yield return "/api/v1/mail/quarantine?recipient=" + Uri.EscapeDataString("b@owner.example");
        yield return "/api/v1/mail/credentials?text=" + Uri.EscapeDataString("device@owner.example");
        yield return "/api/v1/mail/credentials?subscription=" + world.Things["subscription"];
        yield return "/api/v1/mail/senders?text=" + Uri.EscapeDataString("x@sender.example");
        yield return "/api/v1/events?subject=" + world.Things["subscription"];
        foreach (var (table, sort) in new[] { ("tenant", "name"), ("tenant", "-name"), ("subscription", "name"), ("subscription", "-name"), ("event", "time"), ("event", "-time") })
        {
            yield return $"/console/tables/{table}.csv?sort={sort}";
        }
    }

    private static Dictionary<string, string> Form(params (string Field, string Value)[] fields) => fields.ToDictionary(static f => f.Field, static f => f.Value);

    private static Dictionary<string, string> Of(params (string Thing, string Other)[] things) => things.ToDictionary(static t => t.Thing, static t => t.Other);

    private static JsonObject Manifest(string key, string name) => new()
    {
        ["manifest"] = "people",
        ["tenants"] = new JsonArray(new JsonObject { ["key"] = key, ["kind"] = "department", ["name"] = name }),
    };
}
