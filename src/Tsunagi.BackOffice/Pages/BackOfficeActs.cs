using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Tsunagi.BackOffice.Accounts;
using Tsunagi.BackOffice.Api;
using Tsunagi.BackOffice.Invoices;
using Tsunagi.BackOffice.Ledger;
using Tsunagi.BackOffice.Payments;
using Tsunagi.BackOffice.Runs;
using Tsunagi.Core.Catalogue;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Rating;
using Tsunagi.Ui.Forms;
using Tsunagi.Ui.Texts;

namespace Tsunagi.BackOffice.Pages;

/// <summary>What the pages' forms and buttons do, and the papers they hand out.</summary>
internal static class BackOfficeActs
{
    private const string Base = "/console/backoffice";

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapAct(Base + "/accounts", BackOfficePermissions.AccountWrite, AddAccountAsync);
        routes.MapAct(Base + "/accounts/{account}", BackOfficePermissions.AccountWrite, ChangeAccountAsync);
        routes.MapAct(Base + "/accounts/{account}/payments", BackOfficePermissions.PaymentWrite, PayAsync);
        routes.MapAct(Base + "/accounts/{account}/adjustments", BackOfficePermissions.CreditWrite, AdjustAsync);
        routes.MapAct(Base + "/closings", BackOfficePermissions.LedgerClose, CloseAsync);
        routes.MapAct(Base + "/runs", BackOfficePermissions.RunWrite, MakeRunAsync);
        routes.MapAct(Base + "/runs/{run}/release", BackOfficePermissions.RunRelease, ReleaseAsync);
        routes.MapAct(Base + "/runs/{run}/discard", BackOfficePermissions.RunWrite, DiscardAsync);
        routes.MapAct(Base + "/invoices/{bill}/credit", BackOfficePermissions.CreditWrite, CreditAsync);
        routes.MapGet(Base + "/invoices/{bill}/document.html", InvoiceFiles.HtmlAsync).Requires(BackOfficePermissions.InvoiceRead).ExcludeFromDescription();
        routes.MapGet(Base + "/invoices/{bill}/document.pdf", InvoiceFiles.PdfAsync).Requires(BackOfficePermissions.InvoiceRead).ExcludeFromDescription();
        routes.MapGet(Base + "/reports/{report}/document.csv", ReportFiles.CsvAsync).Requires(BackOfficePermissions.ReportRead).ExcludeFromDescription();
        routes.MapGet(Base + "/reports/{report}/document.pdf", ReportFiles.PdfAsync).Requires(BackOfficePermissions.ReportRead).ExcludeFromDescription();
    }

    private static async ValueTask<ActResult> AddAccountAsync(Act act)
    {
        var tenant = act.Required("tenant", 40);
        var (change, closing) = (ReadAccount(act), (int)(act.Number("closingDay", 1, 31) ?? 31));
        if (!act.Ok)
        {
            return act.Refused();
        }

        var added = await act.Service<AccountOrders>().AddAsync(
            act.Caller,
            new NewBillingAccount(
                tenant, Some(change.Name), change.Attention, change.PostalCode, change.Address, null, change.RegistrationNumber, change.Email, null, change.Locale, change.TaxProfile,
                Some(change.PaymentTerms), closing, Some(change.BillFrom), NeverSuspend: change.NeverSuspend == true),
            act.CancellationToken);
        return added.Ok ? act.Done($"{Base}/accounts/{added.Value.Id}", new("The billing account is there.", "請求先を追加しました。")) : act.Refused(added.Refusal);
    }

    private static async ValueTask<ActResult> ChangeAccountAsync(Act act)
    {
        var id = act.Route("account");
        var change = ReadAccount(act) with { ClosingDay = (int?)act.Number("closingDay", 1, 31) };
        if (!act.Ok)
        {
            return act.Refused();
        }

        var changed = await act.Service<AccountOrders>().ChangeAsync(act.Caller, id, change with { Name = Some(change.Name), BillFrom = Some(change.BillFrom), PaymentTerms = Some(change.PaymentTerms) }, null, act.CancellationToken);
        return changed.Ok ? act.Done($"{Base}/accounts/{changed.Value.Id}", new("The billing account is changed.", "請求先を変更しました。")) : act.Refused(changed.Refusal);
    }

    private static BillingAccountChange ReadAccount(Act act) => new(
        act.Text("name") ?? "", act.Text("attention") ?? "", act.Text("postalCode", 12) ?? "", act.Text("address", 500) ?? "", null, act.Text("registrationNumber", 20) ?? "", act.Text("email", 254) ?? "", null,
        act.Text("locale", 2), act.Text("taxProfile", 20), act.Text("paymentTerms", 10) ?? "", null, act.Text("billFrom", 7) ?? "", NeverSuspend: act.Checked("neverSuspend"));

    private static async ValueTask<ActResult> PayAsync(Act act)
    {
        if (await act.Service<AccountBook>().FindAsync(act.Caller, act.Route("account"), act.CancellationToken) is not { } account)
        {
            return act.Missing(BackOfficeWords.NoSuchAccount);
        }

        var amount = Minor(act, "amount", account.Currency);
        var wanted = new NewPayment(account.Id, act.Required("receivedOn", 10), amount, act.Required("key"), act.Text("payer"), act.Text("reference", 500));
        if (!act.Ok)
        {
            return act.Refused();
        }

        var recorded = await act.Service<PaymentOrders>().RecordAsync(act.Caller, wanted, act.CancellationToken);
        return recorded.Ok ? act.Done($"{Base}/accounts/{account.Id}", new("The payment is recorded.", "入金を記録しました。")) : act.Refused(recorded.Refusal);
    }

    private static async ValueTask<ActResult> AdjustAsync(Act act)
    {
        if (await act.Service<AccountBook>().FindAsync(act.Caller, act.Route("account"), act.CancellationToken) is not { } account)
        {
            return act.Missing(BackOfficeWords.NoSuchAccount);
        }

        var amount = Minor(act, "amount", account.Currency);
        var wanted = new NewAdjustment(act.Required("label"), amount, act.Required("reason", 500), act.OneOf("tax", "standard", "reduced", "exempt", "outOfScope"),
            act.Text("category") is null ? null : OfferingCategories.Find(act.OneOf("category", [.. OfferingCategories.All.Select(OfferingCategories.Word)])));
        if (!act.Ok)
        {
            return act.Refused();
        }

        var made = await act.Service<AdjustmentOrders>().AddAsync(act.Caller, account.Id, wanted, act.CancellationToken);
        return made.Ok ? act.Done($"{Base}/accounts/{account.Id}", new("It stands on the next bill.", "次回の請求に反映します。")) : act.Refused(made.Refusal);
    }

    private static async ValueTask<ActResult> MakeRunAsync(Act act)
    {
        var wanted = new NewRun(act.Required("period", 7), act.Text("issueDate", 10));
        if (!act.Ok)
        {
            return act.Refused();
        }

        var made = await act.Service<RunOrders>().MakeAsync(act.Caller, wanted, act.CancellationToken);
        return made.Ok ? act.Done($"{Base}/runs/{made.Value.Id}", new("The bills are being computed.", "請求を試算しています。")) : act.Refused(made.Refusal);
    }

    private static async ValueTask<ActResult> CloseAsync(Act act)
    {
        var month = act.Required("month", 7);
        if (!act.Ok)
        {
            return act.Refused();
        }

        var closed = await act.Service<MonthCloser>().CloseAsync(act.Caller, month, act.CancellationToken);
        return closed.Ok ? act.Done(Base + "/reports/deferred?to=" + month, new("The month is closed.", "月次締めを行いました。")) : act.Refused(closed.Refusal);
    }

    private static async ValueTask<ActResult> ReleaseAsync(Act act)
    {
        var released = await act.Service<RunOrders>().ReleaseAsync(act.Caller, act.Route("run"), act.CancellationToken);
        return released.Ok ? act.Done($"{Base}/runs/{released.Value.Id}", new("Released: the invoices are being issued.", "承認しました。請求書を発行しています。")) : act.Refused(released.Refusal);
    }

    private static async ValueTask<ActResult> DiscardAsync(Act act)
    {
        var discarded = await act.Service<RunOrders>().DiscardAsync(act.Caller, act.Route("run"), act.CancellationToken);
        return discarded.Ok ? act.Done(Base, new("Discarded; nothing was issued.", "破棄しました(発行なし)。")) : act.Refused(discarded.Refusal);
    }

    private static async ValueTask<ActResult> CreditAsync(Act act)
    {
        if (await act.Service<InvoiceBook>().FindAsync(act.Caller, act.Route("bill"), act.CancellationToken) is not { } invoice)
        {
            return act.Missing(BackOfficeWords.NoSuchInvoice);
        }

        var line = act.Number("line", 1, int.MaxValue);
        var amount = act.Text("amount", 20) is null ? null : (long?)Minor(act, "amount", invoice.Currency);
        var reason = act.Required("reason", 500);
        if (amount is not null && line is null)
        {
            act.Wrong("amount", act.View[new("Choose the line it is of.", "対象の明細を選択してください。")]);
        }

        if (!act.Ok)
        {
            return act.Refused();
        }

        var credit = await act.Service<CreditOrders>().CreditAsync(
            act.Caller, invoice.Id, new NewCredit(reason, line is { } no ? [new CreditedLine((int)no, amount)] : null, act.Checked("billAgain")), act.CancellationToken);
        return credit.Ok ? act.Done($"{Base}/invoices/{credit.Value.Id}", new("The credit note is issued.", "返還請求書を発行しました。")) : act.Refused(credit.Refusal);
    }

    /// <summary>An amount as people write it ("12,345", "12.50") in minor units.</summary>
    internal static long Minor(Act act, string field, string currency)
    {
        var text = act.Required(field, 20).Replace(",", "", StringComparison.Ordinal);
        var per = Currency.Find(currency)!.MinorPerUnit;
        if (text.Length > 0 && (!decimal.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var amount) || amount * per != decimal.Truncate(amount * per) || Math.Abs(amount * per) > 1_000_000_000_000_000m))
        {
            act.Wrong(field, act.View[UiTexts.NotANumber]);
            return 0;
        }

        return text.Length == 0 ? 0 : (long)(decimal.Parse(text, CultureInfo.InvariantCulture) * per);
    }

    private static string? Some(string? text) => string.IsNullOrEmpty(text) ? null : text;
}
