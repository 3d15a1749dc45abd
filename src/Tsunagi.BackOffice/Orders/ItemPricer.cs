using System.Text.Json;
using Tsunagi.BackOffice.Accounts;
using Tsunagi.BackOffice.Facts;
using Tsunagi.Core.Catalogue;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Outcomes;
using Tsunagi.Core.Rating;
using Tsunagi.Core.Store;
using Tsunagi.Core.Subscriptions;
using Tsunagi.Core.Tenants;

namespace Tsunagi.BackOffice.Orders;

/// <summary>
/// From what is asked for to items with prices: (1) whom it is for and who pays, (2) each item's plan at the price list of the day, or the subscription it is about, (3) discounts, exact, (4) the figures
/// of a full month and of what is charged once, (5) what an early end would cost.
/// </summary>
internal sealed class ItemPricer(
    Stores stores, TenantDirectory tenants, Plans plans, SpecificationCatalogue specifications, SubscriptionBook subscriptions, OrderBook book, FactReader facts, BackOfficeOptions options, TimeProvider time)
{
    private static readonly Dictionary<string, decimal> NoSums = [];
    private static readonly Dictionary<string, IReadOnlyList<decimal>> NoSamples = [];

    /// <summary>Whom it is for and who pays for him, with today's civil day there.</summary>
    public async ValueTask<Outcome<OrderParty>> PartyAsync(Caller caller, string tenantId, CancellationToken cancellationToken)
    {
        // :: (1)
        if (await tenants.FindAsync(caller, tenantId, cancellationToken) is not { } tenant)
        {
            return Refusal.NotFound("tenant", tenantId);
        }

        return await stores.Control.ReadAsync(reader => OrderBook.PayerAsync(reader, tenant.TenantPath), cancellationToken) is { } account
            ? new OrderParty(tenant, account, Runs.RunOrders.Today(time, account.TimeZone))
            : Refusal.Invalid("backoffice.order.account", "tenantId", $"nobody pays for the tenant {tenant.Id}: it has no billing account, nor has anyone above it", "a tenant with a billing account");
    }

    /// <param name="prices">The day whose price list holds.</param>
    public async ValueTask<Outcome<IReadOnlyList<OrderItem>>> PriceAsync(Caller caller, OrderParty party, IReadOnlyList<NewOrderItem> wanted, DateOnly prices, bool mayBeEmpty, CancellationToken cancellationToken)
    {
        if ((wanted.Count == 0 && !mayBeEmpty) || wanted.Count > options.OrderItems)
        {
            return Refusal.Invalid("backoffice.order.items", "items", $"{wanted.Count} items", $"1 to {options.OrderItems}");
        }

        var items = new List<OrderItem>();
        foreach (var item in wanted)
        {
            var field = string.Create(System.Globalization.CultureInfo.InvariantCulture, $"items[{items.Count}]");
            if (CheckTerms(item) is { } refusal)
            {
                return refusal with { Field = $"{field}.{refusal.Field}" };
            }

            if (item.RequestedOn is { } day && CivilTime.Parse(day, field + ".requestedOn", party.Today, party.Today.AddYears(10)) is { Ok: false } wrong)
            {
                return wrong.Refusal!;
            }

            var priced = item.Action == OrderAction.Add ? await AddAsync(party, item, items.Count + 1, prices, cancellationToken) : await ExistingAsync(caller, party, item, items.Count + 1, prices, cancellationToken);
            if (!priced.Ok)
            {
                return priced.Refusal with { Field = $"{field}.{priced.Refusal.Field}" };
            }

            items.Add(priced.Value);
        }

        if (items.Where(static item => item.SubscriptionId is not null).GroupBy(static item => item.SubscriptionId).FirstOrDefault(static group => group.Count() > 1) is { } twice)
        {
            return Refusal.Invalid("backoffice.order.twice", "items", $"two items are about the subscription {twice.Key}", "one item a subscription");
        }

        return Outcome.Of<IReadOnlyList<OrderItem>>(items);
    }

    private async ValueTask<Outcome<OrderItem>> AddAsync(OrderParty party, NewOrderItem wanted, int no, DateOnly prices, CancellationToken cancellationToken)
    {
        // :: (2)
        if (wanted.Offering is not { Length: > 0 } code || await plans.FindAsync(code, cancellationToken) is not { } plan)
        {
            return Refusal.Invalid("backoffice.order.offering", "offering", $"there is no offering {wanted.Offering}", "a plan's id or code");
        }

        var specification = specifications.Find(plan.Specification)!;
        var settings = SpecificationCatalogue.CanonicalSettings(specification, wanted.Settings ?? JsonSerializer.SerializeToElement(new { }));
        if (!settings.Ok)
        {
            return settings.Refusal;
        }

        var list = await ListAsync(plan.Id, party, prices, cancellationToken);
        return list.Ok
            ? Item(party, wanted, no, plan, list.Value.Number, list.Value.Prices, true) with { Name = Some(wanted.Name) ?? (party.Account.Locale == "ja" ? plan.NameJa : plan.NameEn), Settings = settings.Value }
            : list.Refusal;
    }

    private async ValueTask<Outcome<OrderItem>> ExistingAsync(Caller caller, OrderParty party, NewOrderItem wanted, int no, DateOnly prices, CancellationToken cancellationToken)
    {
        // :: (2)
        if (wanted.SubscriptionId is not { Length: > 0 } id || await subscriptions.FindAsync(caller, id, cancellationToken) is not { } subscription
            || !subscription.TenantPath.StartsWith(party.Tenant.TenantPath, StringComparison.Ordinal))
        {
            return Refusal.NotFound("subscription", wanted.SubscriptionId ?? "") with { Field = "subscriptionId" };
        }

        if (subscription.EndedAt is not null)
        {
            return Refusal.Conflict("backoffice.order.ended", $"the subscription {subscription.Id} has ended", "subscriptionId");
        }

        var plan = (await plans.FindAsync(subscription.PlanId, cancellationToken))!;
        var reprices = wanted.Action == OrderAction.Modify && (wanted.ToListPrices || wanted.DiscountPercent > 0);
        var list = reprices ? await ListAsync(plan.Id, party, prices, cancellationToken) : await HeldAsync(party, subscription, cancellationToken);
        if (!list.Ok)
        {
            return list.Refusal;
        }

        var settings = wanted.Settings is { } json ? SpecificationCatalogue.CanonicalSettings(specifications.Find(plan.Specification)!, json) : default;
        if (wanted.Settings is not null && !settings.Ok)
        {
            return settings.Refusal;
        }

        var item = Item(party, wanted with { Quantity = wanted.Quantity ?? subscription.Quantity }, no, plan, list.Value.Number, list.Value.Prices, reprices) with
        {
            Name = Some(wanted.Name) ?? subscription.Name, SubscriptionId = subscription.Id, Settings = wanted.Settings is null ? null : settings.Value, OnceMinor = 0, ListOnceMinor = 0,
        };
        return wanted.Action == OrderAction.Delete ? await EndAsync(caller, party, item, cancellationToken) : item;
    }

    private async ValueTask<OrderItem> EndAsync(Caller caller, OrderParty party, OrderItem item, CancellationToken cancellationToken)
    {
        // :: (5)
        var ends = item.RequestedOn is { } day ? CivilTime.Read(day) : party.Today;
        var ordinary = await book.AgreementAsync(caller, item.SubscriptionId!, cancellationToken) is { } agreement ? agreement.OrdinaryEnd(ends, party.Today) : ends;
        if (ordinary <= ends)
        {
            return item with { MonthlyMinor = 0, ListMonthlyMinor = 0, OrdinaryEnd = CivilTime.Text(ordinary) };
        }

        var percent = (await book.AgreementAsync(caller, item.SubscriptionId!, cancellationToken))!.EarlyTerminationPercent;
        var terms = await stores.Control.ReadAsync(reader => facts.OpenTermsAsync(reader, party.Account, item.SubscriptionId!), cancellationToken);
        var (minor, explanation) = EarlyCharge.Of(Currency.Find(party.Account.Currency)!, party.Account, terms, ends, item.Proration, ordinary, percent);
        return item with { MonthlyMinor = 0, ListMonthlyMinor = 0, OrdinaryEnd = CivilTime.Text(ordinary), EarlyMinor = minor, EarlyExplanation = explanation };
    }

    /// <summary>The newest prices of a plan that stood on its list when the day was over.</summary>
    private async ValueTask<Outcome<(long Number, IReadOnlyList<Price> Prices)>> ListAsync(string plan, OrderParty party, DateOnly day, CancellationToken cancellationToken)
    {
        var row = await stores.Control.ReadAsync(
            reader => reader.FirstOrDefaultAsync<PlanVersion>(
                "SELECT plan_id, number, currency, prices, created_at FROM plan_version WHERE plan_id = @Plan AND created_at < @Before ORDER BY number DESC LIMIT 1",
                new { Plan = plan, Before = CivilTime.StartOf(day.AddDays(1), party.Account.TimeZone) }),
            cancellationToken);
        return row is null
            ? Refusal.Invalid("backoffice.order.list", "offering", $"the price list of {CivilTime.Text(day)} does not have it", "a later day")
            : row.Currency != party.Account.Currency
                ? Refusal.Invalid("backoffice.order.currency", "offering", $"it is priced in {row.Currency}, the account pays in {party.Account.Currency}", $"an offering priced in {party.Account.Currency}")
                : Outcome.Of((row.Number, JsonSerializer.Deserialize<IReadOnlyList<Price>>(row.Prices, SettingsJson.Options)!));
    }

    /// <summary>The prices a subscription has now, agreed ones included.</summary>
    private async ValueTask<Outcome<(long Number, IReadOnlyList<Price> Prices)>> HeldAsync(OrderParty party, SubscriptionView subscription, CancellationToken cancellationToken)
    {
        var terms = await stores.Control.ReadAsync(reader => facts.OpenTermsAsync(reader, party.Account, subscription.Id), cancellationToken);
        return Outcome.Of((subscription.PlanVersion, terms.LastOrDefault(each => each.From <= party.Today)?.Prices ?? terms[^1].Prices));
    }

    private static OrderItem Item(OrderParty party, NewOrderItem wanted, int no, Plan plan, long version, IReadOnlyList<Price> list, bool reprices)
    {
        // :: (3), (4)
        var agreed = reprices ? [.. list.Select(price => Discounted(price, wanted))] : list;
        var quantity = wanted.Quantity ?? 1;
        var currency = Currency.Find(party.Account.Currency)!;
        return new OrderItem(
            no, wanted.Action, null, plan.Id, plan.Code, plan.NameEn, plan.NameJa, plan.Specification, version, "", quantity, null, reprices, agreed, list, wanted.DiscountPercent, wanted.DiscountMonths,
            wanted.OnceDiscountPercent, wanted.MinimumMonths, wanted.RenewalMonths, wanted.NoticeDays, wanted.EarlyTerminationPercent, wanted.Proration, wanted.RequestedOn, Sum<FlatPrice>(currency, agreed, quantity),
            Sum<FlatPrice>(currency, list, quantity), Sum<OneTimePrice>(currency, agreed, quantity), Sum<OneTimePrice>(currency, list, quantity));
    }

    private static Price Discounted(Price price, NewOrderItem wanted) => price switch
    {
        FlatPrice flat when wanted.DiscountPercent > 0 => flat with { Amount = Less(flat.Amount, wanted.DiscountPercent), Label = Labelled(flat.Label, wanted.DiscountPercent) },
        OneTimePrice once when wanted.OnceDiscountPercent > 0 => once with { Amount = Less(once.Amount, wanted.OnceDiscountPercent), Label = Labelled(once.Label, wanted.OnceDiscountPercent) },
        _ => price,
    };

    private static decimal Less(decimal amount, decimal percent) => amount * (100 - percent) / 100;

    private static string Labelled(string label, decimal percent) => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{label} (-{percent:0.##} %)");

    private static long Sum<T>(Currency currency, IReadOnlyList<Price> prices, long quantity)
        where T : Price => Rater.Rate(new RatingInput(currency, [.. prices.OfType<T>()], quantity, 1, 1, NoSums, NoSamples)).Sum(static line => line.AmountMinor);

    private static Refusal? CheckTerms(NewOrderItem item)
    {
        bool Outside(decimal percent) => percent is < 0 or > 100 || decimal.Round(percent, 2) != percent;
        return Outside(item.DiscountPercent) || Outside(item.OnceDiscountPercent) || Outside(item.EarlyTerminationPercent)
            ? Refusal.Invalid("backoffice.order.percent", "discountPercent", "a percentage is outside 0 to 100 or has more than two digits behind the point", "0 to 100, two digits")
            : item.MinimumMonths is < 0 or > 120 || item.RenewalMonths is < 0 or > 120 || item.NoticeDays is < 0 or > 400 || item.DiscountMonths is < 1 or > 120
                ? Refusal.Invalid("backoffice.order.term", "minimumMonths", "a term is at most 120 months, a notice at most 400 days", "0 to 120 months, 0 to 400 days")
                : item.RenewalMonths > 0 && item.MinimumMonths == 0
                    ? Refusal.Invalid("backoffice.order.renewal", "renewalMonths", "only a term can be renewed: say its months too", "0, or a minimum term")
                    : item.Quantity is < 1 or > 1_000_000
                        ? Refusal.Invalid("backoffice.order.quantity", "quantity", $"the quantity is {item.Quantity}", "1 to 1000000")
                        : item.Name is { } name && (name.Length > 200 || name.Any(char.IsControl))
                            ? Refusal.Invalid("backoffice.order.name", "name", "the name is too long or holds control characters", "1 to 200 characters")
                            : null;
    }

    private static string? Some(string? text) => string.IsNullOrWhiteSpace(text) ? null : text.Trim();
}

/// <summary>Whom a quote or order is for.</summary>
/// <param name="Today">The civil day where he is billed.</param>
internal sealed record OrderParty(Tenant Tenant, BillingAccount Account, DateOnly Today);
