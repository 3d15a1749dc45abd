using System.Text.Json.Nodes;
using Tsunagi.Core.Catalogue;
using Tsunagi.Core.Verbs;

namespace Tsunagi.BackOffice.Verbs;

/// <summary>tsunagi backoffice account | run | invoice | payment | ledger: the API from the terminal.</summary>
internal static class BackOfficeVerbs
{
    private const string Api = "/api/v1/backoffice/";

    private static readonly VerbParameter[] AccountFields =
    [
        new("--name", "the name on the invoice"), new("--attention", "a department or person"), new("--postal-code", "the postal code"), new("--address", "the address, lines with \\n between"),
        new("--country", "two letters (JP)"), new("--registration-number", "the customer's VAT or registration number"), new("--email", "where invoices go"),
        new("--purchase-order", "the customer's order number, printed"), new("--locale", "the language of its invoices", Allowed: ["en", "ja"]), new("--tax-profile", "jp, jp-export, eu-de, eu-reverse, none …"),
        new("--payment-terms", "net:30 or eom:1"), new("--closing-day", "the day that closes its month; 31 is the last", Value: VerbValue.Whole, Least: 1, Most: 31),
        new("--bill-from", "the first month billed here (YYYY-MM)"), new("--advance-from", "the first month whose prices in advance are billed here"), new("--never-suspend", "never suspended for what is not paid", IsFlag: true),
    ];

    public static readonly IReadOnlyList<Verb> All =
    [
        ApiVerb.List("account list", "Billing accounts, oldest first", Api + "accounts", [new("--text", "an id, a tenant, a part of the name")], "id", "tenantId", "name", "currency", "terms=paymentTerms", "from=billFrom"),
        ApiVerb.Show("account show", "One billing account", Api + "accounts/{ACCOUNT}", new VerbParameter("ACCOUNT", "its id (ba_…) or its tenant's", Required: true)),
        ApiVerb.Send("account add", "Make the billing account of a tenant", HttpMethod.Post, Api + "accounts", [new("--tenant-id", "the tenant (t_…)", Required: true), .. AccountFields]),
        ApiVerb.Send("account change", "Change a billing account", HttpMethod.Patch, Api + "accounts/{ACCOUNT}", [new("ACCOUNT", "its id (ba_…)", Required: true), .. AccountFields]),
        ApiVerb.Show("account preview", "What the bill would be if it were written now", Api + "accounts/{ACCOUNT}/preview", new VerbParameter("ACCOUNT", "its id (ba_…) or its tenant's", Required: true),
            new VerbParameter("--period", "YYYY-MM; the running month without it")),
        ApiVerb.List("account open", "Invoices that are not paid whole", Api + "accounts/{ACCOUNT}/open-items", [new("ACCOUNT", "its id (ba_…) or its tenant's", Required: true)],
            "number=billNo", "date=billDate", "due=paymentDueDate", "total=amountDue.value", "open=remainingAmount.value", "currency=amountDue.unit"),
        ApiVerb.Send("account adjust", "Put an amount on the next bill", HttpMethod.Post, Api + "accounts/{ACCOUNT}/adjustments", [
            new("ACCOUNT", "its id (ba_…)", Required: true), new("--label", "the text of its line", Required: true), new("--amount-minor", "without tax, in minor units; below zero for a discount", Required: true, Value: VerbValue.Whole),
            new("--reason", "why", Required: true), new("--tax", "a category", Allowed: ["standard", "reduced", "exempt", "outOfScope"]),
            new("--category", "of the portfolio, for the revenue reports; none without it", Allowed: [.. OfferingCategories.All.Select(OfferingCategories.Word)]),
        ]),
        ApiVerb.Show("aging", "What is open, by how long it is overdue", Api + "aging"),
        ApiVerb.List("run list", "Invoice runs, newest first", Api + "runs", [], "id", "period", "state", "accounts", "done", "made=madeAt", "by=madeBy", "released by=releasedBy"),
        ApiVerb.Send("run make", "Compute the bills of a month; nothing is issued", HttpMethod.Post, Api + "runs", [
            new("--period", "the month (YYYY-MM)", Required: true), new("--issue-date", "the date on the invoices; today without it"), new("--account-id", "only this account"),
        ]),
        ApiVerb.Show("run show", "One run: how far it is, and what its bills come to", Api + "runs/{RUN}", new VerbParameter("RUN", "its id (br_…)", Required: true)),
        ApiVerb.List("run diff", "Its bills beside those of the month before, the largest difference first", Api + "runs/{RUN}/bills", [
            new("RUN", "its id (br_…)", Required: true), new("--text", "an account, a part of its name"),
            new("--state", "only these", Allowed: ["ready", "empty", "billed", "carried", "failed", "stale", "issued"]),
        ], "account=accountId", "name=accountName", "state", "before=previousMinor", "now=totalMinor", "difference=differenceMinor", "problem"),
        ApiVerb.Send("run release", "Release a run: its bills become invoices", HttpMethod.Post, Api + "runs/{RUN}/release", [new("RUN", "its id (br_…)", Required: true)], "the run is released"),
        ApiVerb.Send("run discard", "Discard a run; nothing of it is issued", HttpMethod.Post, Api + "runs/{RUN}/discard", [new("RUN", "its id (br_…)", Required: true)], "the run is discarded"),
        ApiVerb.List("invoice list", "Invoices and credit notes, newest first", Api + "customer-bills", [
            new("--text", "a number, a part of the customer's name, a date, an amount"), new("--account", "of this account"), new("--category", "only these", Allowed: ["invoice", "credit", "opening"]),
            new("--billing-period", "of this month"), new("--from", "issued on this date or later"), new("--to", "issued on this date or earlier"), new("--state", "only these", Allowed: ["open", "overdue", "settled"]),
        ], "number=billNo", "category", "date=billDate", "customer=billingAccount.name", "month=billingPeriod", "total=amountDue.value", "open=remainingAmount.value", "currency=amountDue.unit"),
        ApiVerb.Show("invoice show", "One invoice or credit note", Api + "customer-bills/{INVOICE}", Invoice),
        ApiVerb.List("invoice lines", "The lines of an invoice", Api + "customer-bills/{INVOICE}/applied-rates", [Invoice], "line", "type", "name", "month", "quantity", "amount=taxExcludedAmount.value", "tax=taxRate", "how=characteristic"),
        ApiVerb.Show("invoice explain", "Where a line comes from, down to each record of usage", Api + "customer-bills/{INVOICE}/lines/{LINE}/explanation", Invoice, new VerbParameter("LINE", "the line's number", Required: true, Value: VerbValue.Whole)),
        ApiVerb.Show("invoice prove", "Make the bill again from the facts as they were known then", Api + "customer-bills/{INVOICE}/proof", Invoice),
        new("invoice pdf", "Write an invoice as PDF into a file", [Invoice, new("--output", "the file", Required: true, Alias: "-o")], PdfAsync),
        ApiVerb.Send("invoice credit", "Give an invoice back, whole or by line", HttpMethod.Post, Api + "customer-bills/{INVOICE}/credit-notes", [
            Invoice, new("--reason", "why", Required: true), new("--line", "a line's number; all without it", Many: true, Value: VerbValue.Whole), new("--bill-again", "the invoice was wrong: rate it again on the next bill", IsFlag: true),
        ], null, CreditBody),
        ApiVerb.List("payment list", "Payments, newest first", Api + "payments", [new("--text", "a part of the payer or the reference, a date"), new("--account", "of this account")],
            "id", "received=receivedOn", "account=accountId", "payer", "amount=amountMinor", "allocated=allocatedMinor", "currency", "reference"),
        ApiVerb.Send("payment add", "Record a payment; the same key and content counts once", HttpMethod.Post, Api + "payments", [
            new("--account-id", "the account (ba_…)", Required: true), new("--received-on", "YYYY-MM-DD", Required: true), new("--amount-minor", "in minor units", Required: true, Value: VerbValue.Whole),
            new("--foreign-key", "the bank's id of it", Required: true), new("--payer", "who paid"), new("--reference", "what the payer wrote"), new("--source", "who says so"),
        ]),
        ApiVerb.Send("payment allocate", "Set what is left of a payment against invoices", HttpMethod.Post, Api + "payments/{PAYMENT}/allocations", [
            new("PAYMENT", "its id (py_…)", Required: true), new("--bills", "an invoice's id or number, in this order; the oldest without it", Many: true),
        ]),
        ApiVerb.List("ledger balances", "What each ledger account has come to", Api + "ledger/balances", [], "account=ledgerAccount", "currency", "amount=amountMinor"),
        new("ledger export", "The journal as hledger reads it, or as CSV",
            [new("--format", "how", Allowed: ["hledger", "csv"]), new("--from", "booked on this date or later"), new("--to", "booked on this date or earlier"), new("--output", "a file; without it, the terminal", Alias: "-o")],
            ExportAsync),
    ];

    private static VerbParameter Invoice => new("INVOICE", "its number or id (iv_…)", Required: true);

    private static JsonObject CreditBody(VerbContext context)
    {
        var body = new JsonObject { ["reason"] = context["--reason"], ["billAgain"] = context.Flag("--bill-again") };
        if (context.Values("--line") is { Count: > 0 } lines)
        {
            body["lines"] = new JsonArray([.. lines.Select(static line => (JsonNode)new JsonObject { ["no"] = int.Parse(line, System.Globalization.CultureInfo.InvariantCulture) })]);
        }

        return body;
    }

    private static async Task<int> PdfAsync(VerbContext context, CancellationToken cancellationToken)
    {
        using var response = await context.Api.GetAsync(Api + "customer-bills/" + context.Segment("INVOICE") + "/document.pdf", cancellationToken);
        await File.WriteAllBytesAsync(context.Home.File(context["--output"]!), await response.Content.ReadAsByteArrayAsync(cancellationToken), cancellationToken);
        return 0;
    }

    private static async Task<int> ExportAsync(VerbContext context, CancellationToken cancellationToken)
    {
        var path = ApiCalls.WithQuery(Api + "ledger/journal", [("format", context["--format"]), ("from", context["--from"]), ("to", context["--to"])]);
        using var response = await context.Api.GetAsync(path, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        await using var journal = await response.Content.ReadAsStreamAsync(cancellationToken);
        if (context["--output"] is { } file)
        {
            await using var output = File.Create(context.Home.File(file));
            await journal.CopyToAsync(output, cancellationToken);
            return 0;
        }

        using var reader = new StreamReader(journal);
        while (await reader.ReadLineAsync(cancellationToken) is { } line)
        {
            await context.Out.WriteLineAsync(line);
        }

        return 0;
    }
}
