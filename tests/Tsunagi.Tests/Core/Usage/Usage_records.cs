using Tsunagi.Core;
using Tsunagi.Core.Rating;
using Tsunagi.Core.Store;
using Tsunagi.Core.Subscriptions;
using Tsunagi.Core.Tenants;
using Tsunagi.Core.Usage;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.Core.Usage;

public abstract class Usage_records(SqlDialect dialect) : IAsyncLifetime
{
    private TestProvider _provider = null!;
    private Tenant _customer = null!;
    private SubscriptionView _line = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _provider = await TestProvider.OpenAsync(dialect: dialect);
        _customer = await _provider.AddTenantAsync("Customer");
        await _provider.AddPlanAsync("line", "JPY", new FlatPrice("Line", 3000));
        _line = await _provider.TakeAsync(_customer, "line");
    }

    public async ValueTask DisposeAsync()
    {
        if (_provider is not null)
        {
            await _provider.DisposeAsync();
        }

        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task Same_key_and_content_count_once()
    {
        var first = TestProvider.Value(await _provider.Usage.RecordAsync(_provider.Operator, Foreign("k1", 10), Cancel));
        var again = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => _provider.Usage.RecordAsync(_provider.Operator, Foreign("k1", 10), Cancel).AsTask()));
        Assert.All(again, outcome => Assert.Equal(first, outcome.Value));
        Assert.Single(await _provider.Usage.ListAsync(_provider.Operator, _line.Id, "", 100, Cancel));
    }

    [Fact]
    public async Task Same_key_with_other_content_is_refused_and_counts_nothing()
    {
        TestProvider.Value(await _provider.Usage.RecordAsync(_provider.Operator, Foreign("k1", 10), Cancel));
        var refused = await _provider.Usage.RecordAsync(_provider.Operator, Foreign("k1", 11), Cancel);
        Assert.Equal(("usage.key-reused", "foreignKey"), (refused.Refusal!.Code, refused.Refusal.Field));
        Assert.Equal(10, Assert.Single(await _provider.Usage.ListAsync(_provider.Operator, _line.Id, "", 100, Cancel)).Quantity);
    }

    [Fact]
    public async Task Keys_of_two_sources_do_not_meet()
    {
        TestProvider.Value(await _provider.Usage.RecordAsync(_provider.Operator, Foreign("k1", 10), Cancel));
        TestProvider.Value(await _provider.Usage.RecordAsync(_provider.Operator, Foreign("k1", 11) with { Source = "other" }, Cancel));
        Assert.Equal(2, (await _provider.Usage.ListAsync(_provider.Operator, _line.Id, "", 100, Cancel)).Count);
    }

    [Fact]
    public async Task Keys_of_two_tenants_do_not_meet()
    {
        var stranger = await _provider.TakeAsync(await _provider.AddTenantAsync("Stranger"), "line");
        TestProvider.Value(await _provider.Usage.RecordAsync(_provider.Operator, Foreign("k1", 10), Cancel));
        var other = TestProvider.Value(await _provider.Usage.RecordAsync(_provider.Operator, Foreign("k1", 11) with { SubscriptionId = stranger.Id }, Cancel));
        Assert.Equal(other, TestProvider.Value(await _provider.Usage.RecordAsync(_provider.Operator, Foreign("k1", 11) with { SubscriptionId = stranger.Id }, Cancel)));
        Assert.Equal(10, Assert.Single(await _provider.Usage.ListAsync(_provider.Operator, _line.Id, "", 100, Cancel)).Quantity);
        Assert.Equal(11, Assert.Single(await _provider.Usage.ListAsync(_provider.Operator, stranger.Id, "", 100, Cancel)).Quantity);

        // Two subscriptions of one tenant are one: a key that comes twice with other content is a mistake of the sender.
        var second = await _provider.TakeAsync(_customer, "line", "attic");
        Assert.Equal("usage.key-reused", (await _provider.Usage.RecordAsync(_provider.Operator, Foreign("k1", 10) with { SubscriptionId = second.Id }, Cancel)).Refusal?.Code);
    }

    [Fact]
    public async Task Records_from_before_the_keys_were_the_tenants_are_kept()
    {
        var before = new SchemaPart("core", StoreKind.Control, [CoreSchema.Control.Steps[0]], CoreSchema.Control.SharedTables);
        await using var opened = dialect == SqlDialect.Sqlite ? await TestStores.OpenAsync(before) : await TestStores.OpenOnPostgresAsync(before);
        await opened.Stores.Control.WriteAsync(
            transaction => transaction.ExecuteAsync(
                """
                INSERT INTO tenant VALUES ('t_1', 't_1/', NULL, 'provider', 'P', 'en', 'UTC', 'JPY', '{}', 1, 1);
                INSERT INTO plan VALUES ('p_1', 'line', 'line', 'L', 'L', 1, 1);
                INSERT INTO subscription VALUES ('s_1', 't_1/', 't_1', 'p_1', 'S', '{}', 1, 1);
                INSERT INTO usage_record VALUES ('y_1', 't_1/', 's_1', 'line.bytes', 5, 7, 'billing-system', 'k1', 'h', NULL, 6, 'me');
                """),
            Cancel);
        await Schema.ApplyAsync(opened.Stores, [CoreSchema.Control], _provider.Time, Cancel);

        var kept = await opened.Stores.Control.ReadAsync(
            static reader => reader.FirstOrDefaultAsync<UsageRecord>(
                "SELECT id, tenant_path, subscription_id, meter, at, quantity, source, foreign_key, content_hash, reason, recorded_at, recorded_by FROM usage_record"),
            Cancel);
        Assert.Equal(new UsageRecord("y_1", "t_1/", "s_1", "line.bytes", 5, 7, "billing-system", "k1", "h", null, 6, "me"), kept);
        await Assert.ThrowsAsync<ConstraintViolationException>(() => AddAsync(opened.Stores, "y_2", "t_1/").AsTask());
        await AddAsync(opened.Stores, "y_3", "t_1/t_2/");
    }

    private static ValueTask<int> AddAsync(Stores stores, string id, string path) => stores.Control.WriteAsync(
        transaction => transaction.ExecuteAsync(
            "INSERT INTO usage_record VALUES (@Id, @Path, 's_1', 'line.bytes', 5, 7, 'billing-system', 'k1', 'h', NULL, 6, 'me')", new { Id = id, Path = path }),
        Cancel);

    [Fact]
    public async Task Correction_needs_a_reason_and_may_be_negative_and_is_audited()
    {
        var correction = Foreign("k1", -10) with { Source = null };
        Assert.Equal("usage.reason", (await _provider.Usage.RecordAsync(_provider.Operator, correction, Cancel)).Refusal?.Code);
        TestProvider.Value(await _provider.Usage.RecordAsync(_provider.Operator, correction with { Reason = "counted twice" }, Cancel));
        var entry = (await _provider.Audit.ListAsync(_provider.Operator, new() { Act = "usage.recorded" }, long.MaxValue, 5, Cancel))[0];
        Assert.Equal("counted twice", entry.Reason);
    }

    [Theory]
    [InlineData("quantity", -1, "line.bytes", 0, "k")]
    [InlineData("quantity", 1_000_000_000_000_001, "line.bytes", 0, "k")]
    [InlineData(null, 1_000_000_000_000_000, "line.bytes", 0, "k")]
    [InlineData("meter", 1, "line.smell", 0, "k")]
    [InlineData("at", 1, "line.bytes", -1, "k")]
    [InlineData("at", 1, "line.bytes", 301, "k")]
    [InlineData(null, 1, "line.bytes", 300, "k")]
    [InlineData("foreignKey", 1, "line.bytes", 0, "")]
    public async Task Every_member_has_its_limits(string? wrong, long quantity, string meter, int seconds, string key)
    {
        var usage = new NewUsage(_line.Id, meter, _provider.Time.GetUtcNow().AddSeconds(seconds), quantity, key, "billing-system");
        var outcome = await _provider.Usage.RecordAsync(_provider.Operator, usage, Cancel);
        Assert.Equal(wrong, outcome.Refusal?.Field);
    }

    [Fact]
    public async Task Usage_after_the_end_is_refused_since_no_bill_would_show_it()
    {
        TestProvider.Value(await _provider.Orders.EndAsync(_provider.Operator, _line.Id, null, Cancel));
        _provider.Time.Advance(TimeSpan.FromHours(1));
        Assert.Equal("usage.at", (await _provider.Usage.RecordAsync(_provider.Operator, Foreign("k1", 1), Cancel)).Refusal?.Code);
    }

    [Fact]
    public async Task Another_tenant_finds_no_such_subscription()
    {
        var other = await _provider.AddTenantAsync("Other");
        Assert.Equal("not-found", (await _provider.Usage.RecordAsync(TestProvider.CallerOf(other), Foreign("k1", 1), Cancel)).Refusal?.Code);
    }

    [Fact]
    public async Task A_batch_is_recorded_whole_and_what_is_known_counts_once()
    {
        var stranger = await _provider.TakeAsync(await _provider.AddTenantAsync("Stranger"), "line");
        TestProvider.Value(await _provider.Usage.RecordAsync(_provider.Operator, Foreign("k1", 10), Cancel));
        var batch = new UsageBatch([Foreign("k1", 10), Foreign("k2", 20), Foreign("k2", 20), Foreign("k1", 5) with { SubscriptionId = stranger.Id }]);
        Assert.Equal(new UsageBatchResult(2, 2), TestProvider.Value(await _provider.UsageBatches.RecordAsync(_provider.Operator, batch, Cancel)));
        var again = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => _provider.UsageBatches.RecordAsync(_provider.Operator, batch, Cancel).AsTask()));
        Assert.All(again, static outcome => Assert.Equal(new UsageBatchResult(0, 4), outcome.Value));
        Assert.Equal([10, 20], (await _provider.Usage.ListAsync(_provider.Operator, _line.Id, "", 100, Cancel)).Select(static each => each.Quantity).Order());
        Assert.Equal(5, Assert.Single(await _provider.Usage.ListAsync(_provider.Operator, stranger.Id, "", 100, Cancel)).Quantity);
        Assert.Equal(2, (await _provider.Audit.ListAsync(_provider.Operator, new() { Act = "usage.imported" }, long.MaxValue, 9, Cancel)).Count);
    }

    [Fact]
    public async Task A_batch_with_one_wrong_record_is_refused_whole_and_says_which()
    {
        TestProvider.Value(await _provider.Usage.RecordAsync(_provider.Operator, Foreign("k1", 10), Cancel));
        async Task<(string?, string?)> RefusedAsync(NewUsage wrong) =>
            (await _provider.UsageBatches.RecordAsync(_provider.Operator, new UsageBatch([Foreign("k2", 20), wrong]), Cancel)).Refusal is { } refusal ? (refusal.Code, refusal.Field) : default;
        Assert.Equal(("usage.meter", "records[1].meter"), await RefusedAsync(Foreign("k3", 1) with { Meter = "line.smell" }));
        Assert.Equal(("usage.key-reused", "records[1].foreignKey"), await RefusedAsync(Foreign("k2", 1)));
        Assert.Equal(("usage.key-reused", "foreignKey"), await RefusedAsync(Foreign("k1", 1)));
        Assert.Equal(("not-found", "records[1].subscriptionId"), await RefusedAsync(Foreign("k3", 1) with { SubscriptionId = "s_none" }));
        Assert.Equal("usage.batch", (await _provider.UsageBatches.RecordAsync(_provider.Operator, new UsageBatch([]), Cancel)).Refusal?.Code);
        Assert.Equal("usage.batch", (await _provider.UsageBatches.RecordAsync(_provider.Operator, new UsageBatch([.. Enumerable.Range(0, UsageBatches.Most + 1).Select(i => Foreign("n" + i, 1))]), Cancel)).Refusal?.Code);
        Assert.Single(await _provider.Usage.ListAsync(_provider.Operator, _line.Id, "", 100, Cancel));
    }

    private NewUsage Foreign(string key, long quantity) => new(_line.Id, LineModule.Bytes, _provider.Time.GetUtcNow(), quantity, key, "billing-system");
}

public sealed class Usage_records_on_sqlite() : Usage_records(SqlDialect.Sqlite);

public sealed class Usage_records_on_postgres() : Usage_records(SqlDialect.Postgres);
