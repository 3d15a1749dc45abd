using Tsunagi.Core.Audit;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Tenants;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.Core.Audit;

public sealed class Audit_trail : IAsyncLifetime
{
    private static readonly Caller Operator = new("u_op", "op@provider.example", new TenantScope("t_p", "t_p/"), new HashSet<string> { "*" }, true, "en");
    private static readonly Caller Customer = new("u_c", "c@customer.example", new TenantScope("t_c", "t_p/t_c/"), new HashSet<string> { "*" }, false, "en");
    private readonly ManualTime _time = new();
    private TestStores _stores = null!;
    private AuditTrail _audit = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _stores = await TestStores.OpenAsync(AuditTrail.Schema);
        _audit = new AuditTrail(_stores.Stores, _time);
    }

    public ValueTask DisposeAsync() => _stores.DisposeAsync();

    [Fact]
    public async Task Chain_of_many_entries_holds()
    {
        for (var i = 0; i < 2_100; i += 100)
        {
            await AppendManyAsync(100);
        }

        var result = await _audit.VerifyAsync(Cancel);
        Assert.True(result.Holds, result.Problem);
        Assert.Equal(2_100, result.Entries);
    }

    [Theory]
    [InlineData("UPDATE audit SET after = '{\"name\":\"other\"}' WHERE position = 5", 5, "changed")]
    [InlineData("UPDATE audit SET actor_name = 'someone@else.example' WHERE position = 5", 5, "changed")]
    [InlineData("UPDATE audit SET reason = '' WHERE position = 5", 5, "changed")]
    [InlineData("UPDATE audit SET at = at + 1 WHERE position = 5", 5, "changed")]
    [InlineData("DELETE FROM audit WHERE position = 5", 5, "missing")]
    [InlineData("DELETE FROM audit WHERE position >= 9", 9, "missing")]
    [InlineData("UPDATE audit_head SET position = 9", 9, "head")]
    [InlineData("DELETE FROM audit_head", 1, "head")]
    public async Task Break_behind_the_programs_back_is_found_where_it_is(string sql, long at, string word)
    {
        await AppendManyAsync(10);
        await _stores.Stores.Control.WriteAsync(transaction => transaction.ExecuteAsync(sql), Cancel);
        var result = await _audit.VerifyAsync(Cancel);
        Assert.Equal(at, result.BrokenPosition);
        Assert.Contains(word, result.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Entry_rewritten_with_its_own_hash_breaks_the_next_one()
    {
        await AppendManyAsync(10);
        var all = await _audit.ListAsync(Operator, new AuditFilter(), long.MaxValue, 20, Cancel);
        var fifth = all.Single(entry => entry.Position == 5);
        var fourth = all.Single(entry => entry.Position == 4);
        var forged = fifth with { ActorName = "someone@else.example" };
        var hash = AuditChain.HashOf(fourth.Hash, forged);
        await _stores.Stores.Control.WriteAsync(
            transaction => transaction.ExecuteAsync("UPDATE audit SET actor_name = @ActorName, hash = @Hash WHERE position = 5", new { forged.ActorName, Hash = hash }), Cancel);
        Assert.Equal(6, (await _audit.VerifyAsync(Cancel)).BrokenPosition);
    }

    [Fact]
    public async Task Entry_of_a_change_that_fails_is_not_there()
    {
        await Assert.ThrowsAsync<InvalidOperationException>(() => _stores.Stores.Control.WriteAsync<int>(
            async transaction =>
            {
                await _audit.AppendAsync(transaction, Operator, "tenant.created", "t_c", "t_p/t_c/", null, new { name = "C" });
                throw new InvalidOperationException("the change fails");
            },
            Cancel).AsTask());
        Assert.Empty(await _audit.ListAsync(Operator, new AuditFilter(), long.MaxValue, 20, Cancel));
        Assert.True((await _audit.VerifyAsync(Cancel)).Holds);
    }

    [Fact]
    public async Task Tenant_sees_the_operators_look_at_its_mail_and_nothing_of_others()
    {
        await _audit.RecordReadAsync(Operator, "mail.body.read", "m_1", "t_p/t_c/", "ticket 4711", Cancel);
        await _audit.RecordReadAsync(Operator, "mail.body.read", "m_2", "t_p/t_d/", "ticket 4712", Cancel);
        var seen = Assert.Single(await _audit.ListAsync(Customer, new AuditFilter(), long.MaxValue, 20, Cancel));
        Assert.Equal(("m_1", "op@provider.example", "ticket 4711"), (seen.Subject, seen.ActorName, seen.Reason));
        Assert.NotNull(await _audit.FindAsync(Customer, seen.Id, Cancel));
        var other = (await _audit.ListAsync(Operator, new AuditFilter(Subject: "m_2"), long.MaxValue, 20, Cancel)).Single();
        Assert.Null(await _audit.FindAsync(Customer, other.Id, Cancel));
    }

    [Fact]
    public async Task List_filters_by_actor_subject_act_and_time_and_pages()
    {
        await _audit.RecordReadAsync(Operator, "mail.body.read", "m_1", "t_p/", "r", Cancel);
        _time.Advance(TimeSpan.FromHours(1));
        await _audit.RecordReadAsync(Customer, "mail.trace.exported", "m_2", "t_p/t_c/", "r", Cancel);
        await _audit.RecordReadAsync(Customer, "tenant.exported", "t_c", "t_p/t_c/", "r", Cancel);
        var hour = Tsunagi.Core.Time.UnixMicros.From(_time.GetUtcNow());

        Assert.Equal([2L, 3L], await PositionsAsync(new AuditFilter(Actor: "u_c")));
        Assert.Equal([1L], await PositionsAsync(new AuditFilter(Actor: "op@provider.example")));
        Assert.Equal([1L, 2L], await PositionsAsync(new AuditFilter(Act: "mail.")));
        Assert.Equal([1L], await PositionsAsync(new AuditFilter(Act: "mail.body.read")));
        Assert.Empty(await PositionsAsync(new AuditFilter(Act: "mail.body")));
        Assert.Equal([2L, 3L], await PositionsAsync(new AuditFilter(FromMicros: hour)));
        Assert.Equal([1L], await PositionsAsync(new AuditFilter(ToMicros: hour)));
        Assert.Equal([2L], (await _audit.ListAsync(Operator, new AuditFilter(), 3, 1, Cancel)).Select(entry => entry.Position));
    }

    [Fact]
    public async Task Secrets_are_masked_at_any_depth_and_everything_else_is_kept()
    {
        var thing = new Thing(
            "alice", "hunter2-hunter2", new Inner("whsec_abc", "kept"), [new Inner("s2", "kept too")],
            """{"smarthost":"mx.example","smarthostPassword":"pw-in-settings","nested":{"api_key":"ak-1"}}""", 42);
        await _stores.Stores.Control.WriteAsync(
            async transaction =>
            {
                await _audit.AppendAsync(transaction, Operator, "thing.changed", "x_1", "t_p/", null, thing);
                return 0;
            },
            Cancel);
        var after = (await _audit.ListAsync(Operator, new AuditFilter(), long.MaxValue, 1, Cancel)).Single().After!;
        foreach (var secret in new[] { "hunter2", "whsec", "s2", "pw-in-settings", "ak-1", "42" })
        {
            Assert.DoesNotContain(secret, after, StringComparison.Ordinal);
        }

        foreach (var kept in new[] { "alice", "kept", "kept too", "mx.example", AuditJson.Mask })
        {
            Assert.Contains(kept, after, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Thing_longer_than_the_limit_is_kept_as_its_hash()
    {
        var empty = AuditJson.From(new { text = "" })!.Length;
        Assert.StartsWith("{\"text\"", AuditJson.From(new { text = new string('x', AuditJson.MaxBytes - empty) }), StringComparison.Ordinal);
        Assert.StartsWith("{\"omitted\":true", AuditJson.From(new { text = new string('x', AuditJson.MaxBytes - empty + 1) }), StringComparison.Ordinal);
    }

    private async Task<IEnumerable<long>> PositionsAsync(AuditFilter filter) =>
        (await _audit.ListAsync(Operator, filter, long.MaxValue, 20, Cancel)).Select(entry => entry.Position).Order();

    private async Task AppendManyAsync(int count) => await _stores.Stores.Control.WriteAsync(
        async transaction =>
        {
            for (var i = 0; i < count; i++)
            {
                await _audit.AppendAsync(transaction, Operator, "thing.changed", $"x_{i}", "t_p/", new { name = "日本" }, new { name = "b" }, i % 2 == 0 ? null : "why");
            }

            return count;
        },
        Cancel);

    private sealed record Thing(string Name, string Password, Inner Hook, IReadOnlyList<Inner> More, string Settings, [property: Secret] int Pin);

    private sealed record Inner(string SigningSecret, string Note);
}
