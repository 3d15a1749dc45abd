using System.Text.Json.Nodes;
using Tsunagi.Core.Verbs;

namespace Tsunagi.BackOffice.Verbs;

/// <summary>tsunagi backoffice quote | order | agreement: what was offered and ordered, and what became of it.</summary>
internal static class OrderVerbs
{
    private const string Api = "/api/v1/backoffice/";

    private static readonly VerbParameter Quote = new("QUOTE", "its id (qt_…)", Required: true), Order = new("ORDER", "its id (or_…)", Required: true), Credit = new("CREDIT", "its id (sc_…)", Required: true),
        File = new("FILE", "YAML or JSON, as the API takes it", Required: true), Reason = new("--reason", "why", Required: true);

    public static readonly IReadOnlyList<Verb> All =
    [
        ApiVerb.List("quote list", "Quotes, newest first", Api + "quotes", [
            new("--text", "a part of the number, the subject or the customer's name"), new("--tenant", "of this tenant"), new("--state", "only these", Allowed: ["draft", "sent", "accepted", "rejected", "expired"]),
        ], "id", "number", "state", "tenant=tenantId", "title", "once=once.value", "monthly=monthly.value", "valid until=validUntil", "order=orderId"),
        ApiVerb.Show("quote show", "One quote with its items", Api + "quotes/{QUOTE}", Quote),
        ApiVerb.Send("quote create", "Make a draft of a quote by a file", HttpMethod.Post, Api + "quotes", [File], "the draft is made", Body),
        ApiVerb.Send("quote replace", "Put a file's content in a draft's place", HttpMethod.Put, Api + "quotes/{QUOTE}", [Quote, File], "the draft is changed", Body),
        ApiVerb.Send("quote send", "Send a draft: from then on it stands", HttpMethod.Post, Api + "quotes/{QUOTE}/send", [Quote], "it is sent"),
        ApiVerb.Send("quote accept", "Accept a quote in the customer's name", HttpMethod.Post, Api + "quotes/{QUOTE}/accept", [Quote], "it is accepted"),
        ApiVerb.Send("quote reject", "Reject a quote in the customer's name", HttpMethod.Post, Api + "quotes/{QUOTE}/reject", [Quote, Reason], "it is rejected"),
        ApiVerb.List("order list", "Orders, newest first", Api + "product-orders", [
            new("--text", "a part of the number or the customer's name, a reference"), new("--tenant", "of this tenant"),
            new("--state", "only these", Allowed: ["acknowledged", "inProgress", "completed", "partial", "failed", "cancelled"]),
        ], "id", "number", "state", "tenant=tenantId", "quote=quoteId", "reference", "made=madeAt", "by=madeBy"),
        ApiVerb.Show("order show", "One order with its items", Api + "product-orders/{ORDER}", Order),
        ApiVerb.Send("order place", "Place an order by a file; the same reference is taken once", HttpMethod.Post, Api + "product-orders", [File], "the order is placed", Body),
        ApiVerb.Send("order cancel", "Cancel what of an order still waits", HttpMethod.Post, Api + "product-orders/{ORDER}/cancel", [Order, Reason], "what waited is cancelled"),
        ApiVerb.Send("order retry", "Try again an item of an order that failed", HttpMethod.Post, Api + "product-orders/{ORDER}/items/{ITEM}/retry", [Order, new("ITEM", "its number", Required: true)], "it is tried again"),
        ApiVerb.List("credit list", "Credits that services propose, newest first", Api + "service-credits", [
            new("--text", "a subscription's id, the service's key"), new("--state", "only these", Allowed: ["proposed", "approved", "rejected"]),
        ], "id", "state", "subscription=subscriptionId", "source", "percent", "amount=amountMinor", "credited=creditedMinor", "reason", "evidence"),
        ApiVerb.Show("credit show", "One credit with its evidence", Api + "service-credits/{CREDIT}", Credit),
        ApiVerb.Send("credit approve", "Approve a credit: it is a line of the next invoice", HttpMethod.Post, Api + "service-credits/{CREDIT}/approve", [Credit, Reason], "it is approved"),
        ApiVerb.Send("credit reject", "Reject a credit", HttpMethod.Post, Api + "service-credits/{CREDIT}/reject", [Credit, Reason], "it is rejected"),
        ApiVerb.Show("agreement show", "The term of a subscription, and the earliest end it allows", Api + "agreements/{SUBSCRIPTION}", new VerbParameter("SUBSCRIPTION", "its id (s_…)", Required: true)),
    ];

    private static JsonNode Body(VerbContext context) => ValueFiles.Read(context, context["FILE"]!).Root.DeepClone();
}
