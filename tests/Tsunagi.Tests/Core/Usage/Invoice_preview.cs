using Tsunagi.Core.Meters;
using Tsunagi.Core.Rating;
using Tsunagi.Core.Subscriptions;
using Tsunagi.Core.Tenants;
using Tsunagi.Core.Time;
using Tsunagi.Core.Usage;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.Core.Usage;

public sealed class Invoice_preview : IAsyncLifetime
{
    private TestProvider _provider = null!;
    private Tenant _customer = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _provider = await TestProvider.OpenAsync(new DateTimeOffset(2026, 11, 1, 0, 0, 0, TimeSpan.FromHours(9)));
        _customer = await _provider.AddTenantAsync("Customer");
        await _provider.AddPlanAsync(
            "line", "JPY", new FlatPrice("Line", 3000), new PerUnitPrice("Traffic", LineModule.Bytes, 2m, 1000, 10_000), new P95Price("Peak", LineModule.Rate, 1m, 1));
    }

    public ValueTask DisposeAsync() => _provider.DisposeAsync();

    [Fact]
    public async Task Month_in_which_everything_ran_pays_the_whole_price_and_the_usage()
    {
        var line = await _provider.TakeAsync(_customer, "line");
        await CountAsync(line, LineModule.Bytes, 25_000);
        var preview = await PreviewAsync("2026-11");
        Assert.Equal((3000, 30, 0), Amounts(preview));
        Assert.Equal(3030, preview.TotalMinor);
        Assert.Equal("¥3,030", preview.Total);
    }

    [Fact]
    public async Task Change_in_mid_month_pays_both_parts_and_no_day_twice()
    {
        var line = await _provider.TakeAsync(_customer, "line");
        _provider.Time.Advance(TimeSpan.FromDays(14.5));
        TestProvider.Value(await _provider.Orders.ChangeAsync(_provider.Operator, line.Id, new SubscriptionChange(Quantity: 2), null, Cancel));
        var preview = await PreviewAsync("2026-11");
        Assert.Equal([1400, 3200], preview.Subscriptions[0].Lines.Where(l => l.Label == "Line").Select(l => l.AmountMinor));
    }

    [Fact]
    public async Task Correction_of_the_past_changes_what_the_month_costs()
    {
        var line = await _provider.TakeAsync(_customer, "line");
        _provider.Time.Advance(TimeSpan.FromDays(20));
        var since = _provider.Time.GetUtcNow() - TimeSpan.FromDays(20);
        TestProvider.Value(await _provider.Orders.ChangeAsync(_provider.Operator, line.Id, new SubscriptionChange(Quantity: 2, From: since), null, Cancel));
        Assert.Equal((6000, 0, 0), Amounts(await PreviewAsync("2026-11")));
    }

    [Fact]
    public async Task New_prices_touch_no_running_subscription_until_it_is_moved()
    {
        var line = await _provider.TakeAsync(_customer, "line");
        await _provider.AddPlanAsync("line", "JPY", new FlatPrice("Line", 6000));
        Assert.Equal(3000, (await PreviewAsync("2026-11")).TotalMinor);
        TestProvider.Value(await _provider.Orders.ChangeAsync(_provider.Operator, line.Id, new SubscriptionChange(ToNewestPrices: true), null, Cancel));
        Assert.Equal(6000, (await PreviewAsync("2026-11")).TotalMinor);
    }

    [Fact]
    public async Task Ended_subscription_pays_the_days_it_held_to_their_end_and_nothing_afterwards()
    {
        var line = await _provider.TakeAsync(_customer, "line");
        _provider.Time.Advance(TimeSpan.FromDays(9.9));
        TestProvider.Value(await _provider.Orders.EndAsync(_provider.Operator, line.Id, null, Cancel));
        Assert.Equal(900, (await PreviewAsync("2026-11")).TotalMinor);
        Assert.Empty((await PreviewAsync("2026-12")).Subscriptions);
    }

    [Fact]
    public async Task Correction_of_usage_changes_the_preview_by_its_amount()
    {
        var line = await _provider.TakeAsync(_customer, "line");
        await CountAsync(line, LineModule.Bytes, 25_000);
        TestProvider.Value(await _provider.Usage.RecordAsync(
            _provider.Operator, new NewUsage(line.Id, LineModule.Bytes, _provider.Time.GetUtcNow(), -5_000, "case-1", Reason: "counted twice"), Cancel));
        Assert.Equal((3000, 20, 0), Amounts(await PreviewAsync("2026-11")));
    }

    /// <summary>A line that is loud for an hour a day is silent for 95 % of its samples: silence is a sample too.</summary>
    [Fact]
    public async Task P95_counts_the_silent_samples()
    {
        var line = await _provider.TakeAsync(_customer, "line");
        for (var slot = 0; slot < 12; slot++)
        {
            await CountAsync(line, LineModule.Rate, 900, slot * 5);
        }

        _provider.Time.Advance(TimeSpan.FromMinutes((20 * 60) - 5));
        Assert.Equal((3000, 0, 900), Amounts(await PreviewAsync("2026-11")));
        _provider.Time.Advance(TimeSpan.FromMinutes(5));
        Assert.Equal((3000, 0, 0), Amounts(await PreviewAsync("2026-11")));
    }

    [Fact]
    public async Task Preview_of_another_tenant_is_not_found()
    {
        var other = await _provider.AddTenantAsync("Other");
        var outcome = await _provider.Previews.MakeAsync(TestProvider.CallerOf(other), _customer.Id, null, Cancel);
        Assert.Equal("not-found", outcome.Refusal!.Code);
    }

    [Fact]
    public async Task Amounts_that_do_not_fit_are_said_not_shown_wrong()
    {
        await _provider.AddPlanAsync("dear", "JPY", new PerUnitPrice("Traffic", LineModule.Bytes, 1_000_000_000m));
        var line = await _provider.TakeAsync(_customer, "dear");
        await CountAsync(line, LineModule.Bytes, 1_000_000_000_000_000);
        var outcome = await _provider.Previews.MakeAsync(_provider.Operator, _customer.Id, "2026-11", Cancel);
        Assert.Equal("preview.too-large", outcome.Refusal?.Code);
    }

    private async Task<InvoicePreview> PreviewAsync(string period) =>
        TestProvider.Value(await _provider.Previews.MakeAsync(_provider.Operator, _customer.Id, period, Cancel));

    private static (long Flat, long Traffic, long Peak) Amounts(InvoicePreview preview)
    {
        long Of(string label) => preview.Subscriptions.SelectMany(s => s.Lines).Where(l => l.Label == label).Sum(l => l.AmountMinor);
        return (Of("Line"), Of("Traffic"), Of("Peak"));
    }

    private int _sequence;

    private async Task CountAsync(SubscriptionView line, string meter, long quantity, int minute = 0) => await _provider.Stores.Control.WriteAsync(
        async transaction =>
        {
            var at = (line.CreatedAt / 60_000_000 * 60_000_000) + (minute * 60L * UnixMicros.PerSecond);
            await MeterDeltas.AppendAsync(transaction, "node-1", "b_1", ++_sequence, [new MeterDelta(line.TenantPath, line.Id, meter, at, quantity)]);
            return true;
        },
        Cancel);
}
