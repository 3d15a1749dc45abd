using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Tsunagi.BackOffice.Api;
using Tsunagi.BackOffice.Orders;
using Tsunagi.Core.Api;
using Tsunagi.Core.Catalogue;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Rating;
using Tsunagi.Ui.Forms;

namespace Tsunagi.BackOffice.Pages;

/// <summary>What the buttons and forms of quotes and orders do.</summary>
internal static class OrderActs
{
    private const string Quotes = "/console/backoffice/quotes";
    private const string Orders = "/console/backoffice/orders";

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapAct(Quotes, BackOfficePermissions.QuoteWrite, AddAsync);
        routes.MapAct(Quotes + "/{id}", BackOfficePermissions.QuoteWrite, ChangeAsync);
        routes.MapAct(Quotes + "/{id}/items", BackOfficePermissions.QuoteWrite, AddItemAsync);
        routes.MapAct(Quotes + "/{id}/remove", BackOfficePermissions.QuoteWrite, RemoveItemAsync);
        routes.MapAct(Quotes + "/{id}/send", BackOfficePermissions.QuoteWrite, SendAsync);
        routes.MapAct(Quotes + "/{id}/accept", BackOfficePermissions.QuoteDecide, AcceptAsync);
        routes.MapAct(Quotes + "/{id}/reject", BackOfficePermissions.QuoteDecide, RejectAsync);
        routes.MapAct(Orders + "/{id}/cancel", BackOfficePermissions.OrderWrite, CancelAsync);
        routes.MapAct(Orders + "/{id}/retry", BackOfficePermissions.OrderWrite, RetryAsync);
        routes.MapGet(Quotes + "/{quote}/document.html", QuoteFiles.HtmlAsync).Requires(BackOfficePermissions.QuoteRead).ExcludeFromDescription();
        routes.MapGet(Quotes + "/{quote}/document.pdf", QuoteFiles.PdfAsync).Requires(BackOfficePermissions.QuoteRead).ExcludeFromDescription();
    }

    private static async ValueTask<ActResult> AddAsync(Act act)
    {
        var (tenant, title) = (act.Required("tenant", 40), act.Required("title"));
        return act.Ok ? Back(act, await act.Service<QuoteOrders>().AddAsync(act.Caller, new NewQuote(tenant, title, []), act.CancellationToken), new("The draft is made: add its items.", "下書きを作成しました。明細を追加してください。")) : act.Refused();
    }

    private static async ValueTask<ActResult> ChangeAsync(Act act)
    {
        var (title, until, day, note) = (act.Required("title"), act.Required("validUntil", 10), act.Text("priceDate", 10), act.Text("note", 2_000));
        return act.Ok ? await WithAsync(act, quote => QuoteOrders.Wanted(quote) with { Title = title, ValidUntil = until, PriceDate = day, Note = note }, new("The draft is changed.", "下書きを変更しました。")) : act.Refused();
    }

    private static async ValueTask<ActResult> AddItemAsync(Act act)
    {
        var item = await ItemAsync(act);
        return act.Ok && item is not null
            ? await WithAsync(act, quote => QuoteOrders.Wanted(quote) with { Items = [.. quote.ReadWanted(), item] }, new("The item is added.", "明細を追加しました。"))
            : act.Refused();
    }

    private static async ValueTask<ActResult> RemoveItemAsync(Act act)
    {
        var no = act.Number("no", 1, 1_000);
        return act.Ok && no is { } at
            ? await WithAsync(act, quote => QuoteOrders.Wanted(quote) with { Items = [.. quote.ReadWanted().Where((_, i) => i + 1 != at)] }, new("The item is removed.", "明細を削除しました。"))
            : act.Refused();
    }

    private static async ValueTask<ActResult> WithAsync(Act act, Func<Quote, NewQuote> change, Core.Modules.LocalizedText done)
    {
        if (await act.Service<OrderBook>().QuoteAsync(act.Caller, act.Route("id"), act.CancellationToken) is not { } quote)
        {
            return act.Missing(OrderWords.NoSuchQuote);
        }

        var changed = await act.Service<QuoteOrders>().ChangeAsync(act.Caller, quote.Id, change(quote), act.Number("version"), act.CancellationToken);
        return changed.Ok ? act.Done($"{Quotes}/{quote.Id}", done) : act.Refused(changed.Refusal with { Field = FieldOf(changed.Refusal.Field) });
    }

    /// <summary>The field of the form that a member of the request is: "items[2].minimumMonths" is "minimum".</summary>
    private static string? FieldOf(string? member) => member?[(member.IndexOf("].", StringComparison.Ordinal) is var at and >= 0 ? at + 2 : 0)..] switch
    {
        "discountPercent" => "discount",
        "minimumMonths" => "minimum",
        "renewalMonths" => "renewal",
        "offering" or "subscriptionId" or "items" => null,
        var other => other,
    };

    /// <summary>The item a form describes; null when something is wrong with it.</summary>
    internal static async ValueTask<NewOrderItem?> ItemAsync(Act act)
    {
        var action = act.OneOf("action", "add", "modify", "delete");
        var proration = act.Text("proration", 20);
        if (proration is not null && !Enum.TryParse<Proration>(proration, out _))
        {
            act.Wrong("proration", act.View.Say(Ui.Texts.UiTexts.NotAllowedValue, string.Join(", ", Enum.GetNames<Proration>())));
        }

        var item = new NewOrderItem
        {
            Action = action switch { "modify" => OrderAction.Modify, "delete" => OrderAction.Delete, _ => OrderAction.Add },
            Offering = act.Text("offering", 80), SubscriptionId = act.Text("subscription", 40), Name = act.Text("name"), Quantity = act.Number("quantity", 1, 1_000_000), ToListPrices = act.Checked("toListPrices"),
            DiscountPercent = Percent(act, "discount", 0), DiscountMonths = (int?)act.Number("discountMonths", 1, 120), OnceDiscountPercent = Percent(act, "onceDiscount", 0),
            MinimumMonths = (int)(act.Number("minimum", 0, 120) ?? 0), RenewalMonths = (int)(act.Number("renewal", 0, 120) ?? 0), NoticeDays = (int)(act.Number("notice", 0, 400) ?? 0),
            EarlyTerminationPercent = Percent(act, "early", 100), Proration = Enum.TryParse<Proration>(proration, out var policy) ? policy : null, RequestedOn = act.Text("requestedOn", 10),
        };
        if (!act.Ok || action != "add")
        {
            return act.Ok ? item : null;
        }

        if (await act.Service<Plans>().FindAsync(item.Offering ?? "", act.CancellationToken) is not { } plan || act.Service<SpecificationCatalogue>().Find(plan.Specification) is not { } specification)
        {
            act.Wrong("", act.View[new("There is no such offering.", "この商品はありません。")]);
            return null;
        }

        return item with { Settings = JsonSerializer.SerializeToElement(SchemaReader.Read(act, SpecificationCatalogue.SchemaOf(specification) as JsonObject ?? [])) };
    }

    private static decimal Percent(Act act, string field, decimal without)
    {
        var text = act.Text(field, 6);
        if (text is null)
        {
            return without;
        }

        if (decimal.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var percent) && percent <= 100)
        {
            return percent;
        }

        act.Wrong(field, act.View.Say(Ui.Texts.UiTexts.BetweenAnd, 0, 100));
        return without;
    }

    private static async ValueTask<ActResult> SendAsync(Act act) =>
        Back(act, await act.Service<QuoteOrders>().SendAsync(act.Caller, act.Route("id"), null, act.CancellationToken), new("The quote is sent.", "見積を送付しました。"));

    private static async ValueTask<ActResult> AcceptAsync(Act act) =>
        Back(act, await act.Service<QuoteOrders>().AcceptAsync(act.Caller, act.Route("id"), act.CancellationToken), new("The quote is accepted; its order is being carried out.", "見積を承諾しました。注文を実施しています。"));

    private static async ValueTask<ActResult> RejectAsync(Act act)
    {
        var reason = act.Required("reason", QuoteOrders.MaxReason);
        return act.Ok ? Back(act, await act.Service<QuoteOrders>().RejectAsync(act.Caller, act.Route("id"), reason, act.CancellationToken), new("The quote is rejected.", "見積を辞退しました。")) : act.Refused();
    }

    private static async ValueTask<ActResult> CancelAsync(Act act)
    {
        var reason = act.Required("reason", QuoteOrders.MaxReason);
        if (!act.Ok)
        {
            return act.Refused();
        }

        var done = await act.Service<ProductOrders>().CancelAsync(act.Caller, act.Route("id"), reason, act.CancellationToken);
        return done.Ok ? act.Done($"{Orders}/{done.Value.Id}", new("What waited is cancelled.", "未実施分を取り消しました。")) : act.Refused(done.Refusal);
    }

    private static async ValueTask<ActResult> RetryAsync(Act act)
    {
        var no = act.Number("no", 1, 1_000);
        if (!act.Ok || no is null)
        {
            act.Required("no");
            return act.Refused();
        }

        var done = await act.Service<ProductOrders>().RetryAsync(act.Caller, act.Route("id"), (int)no, act.CancellationToken);
        return done.Ok ? act.Done($"{Orders}/{done.Value.Id}", new("The item is tried again.", "明細を再実行します。")) : act.Refused(done.Refusal);
    }

    private static ActResult Back(Act act, Core.Outcomes.Outcome<Quote> quote, Core.Modules.LocalizedText done) =>
        quote.Ok ? act.Done($"{Quotes}/{quote.Value.Id}", done) : act.Refused(quote.Refusal);
}
