using Tsunagi.Core.Idempotency;
using Tsunagi.Core.Store;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.Core.Idempotency;

/// <summary>Idempotency keys on every store.</summary>
public abstract class Idempotency_contract : IAsyncLifetime
{
    private static readonly IdempotencyOptions Options = new() { MaxAnswerChars = 100, MaxKeysPerOwner = 12 };

    private readonly ManualTime _time = new();
    private TestDatabase _database = null!;
    private Stores _stores = null!;
    private IdempotencyKeys _keys = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _database = NewDatabase();
        _stores = await _database.OpenNodeAsync(IdempotencySchema.Part);
        await _stores.Control.WriteAsync(transaction => transaction.ExecuteAsync("CREATE TABLE effect (n BIGINT NOT NULL)"), Cancel);
        _keys = new IdempotencyKeys(_stores.Control, Options, _time);
    }

    public async ValueTask DisposeAsync()
    {
        await _database.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    private protected abstract TestDatabase NewDatabase();

    private ValueTask<IdempotencyResult> RunAsync(string key, string hash, string body = "made", string scope = "u_1 POST /things", string owner = "u_1") =>
        _keys.RunAsync(
            owner,
            scope,
            key,
            hash,
            async transaction =>
            {
                await transaction.ExecuteAsync("INSERT INTO effect VALUES (1)");
                return new IdempotentAnswer(201, body);
            },
            Cancel);

    private ValueTask<long> EffectsAsync() => _stores.Control.ReadAsync(reader => reader.FirstOrDefaultAsync<long>("SELECT count(*) FROM effect"), Cancel);

    [Fact]
    public async Task Keys_of_one_owner_are_limited_and_the_limit_moves_on_with_time()
    {
        for (var i = 0; i < Options.MaxKeysPerOwner; i++)
        {
            Assert.Equal(IdempotencyVerdict.New, (await RunAsync($"k{i}", "h")).Verdict);
        }

        Assert.Equal(IdempotencyVerdict.Full, (await RunAsync("one more", "h")).Verdict);
        Assert.Equal(IdempotencyVerdict.Replayed, (await RunAsync("k0", "h")).Verdict);
        Assert.Equal(IdempotencyVerdict.New, (await RunAsync("one more", "h", scope: "u_2 POST /things", owner: "u_2")).Verdict);
        _time.Advance(Options.Retention + TimeSpan.FromSeconds(1));
        Assert.Equal(IdempotencyVerdict.New, (await RunAsync("one more", "h")).Verdict);
    }

    [Fact]
    public async Task The_same_request_gets_the_stored_answer_and_another_one_a_conflict()
    {
        Assert.Equal(new IdempotencyResult(IdempotencyVerdict.New, new IdempotentAnswer(201, "made")), await RunAsync("k", "h1"));
        Assert.Equal(new IdempotencyResult(IdempotencyVerdict.Replayed, new IdempotentAnswer(201, "made")), await RunAsync("k", "h1", "not this"));
        Assert.Equal(IdempotencyVerdict.Conflict, (await RunAsync("k", "h2")).Verdict);
        Assert.Equal(IdempotencyVerdict.New, (await RunAsync("k", "h2", scope: "u_2 POST /things")).Verdict);
        Assert.Equal(2, await EffectsAsync());
    }

    [Fact]
    public async Task Twenty_at_once_act_once()
    {
        var results = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Task.Run(() => RunAsync("k", "h").AsTask())));
        Assert.Single(results, static result => result.Verdict == IdempotencyVerdict.New);
        Assert.Equal(1, await EffectsAsync());
    }

    [Fact]
    public async Task A_request_that_fails_leaves_its_key_free()
    {
        await Assert.ThrowsAsync<InvalidDataException>(() => _keys.RunAsync("u_1", "s", "k", "h", _ => throw new InvalidDataException("no"), Cancel).AsTask());
        Assert.Equal(IdempotencyVerdict.New, (await RunAsync("k", "other", scope: "s")).Verdict);
    }

    [Fact]
    public async Task A_begun_request_is_running_until_it_ends_is_forgotten_or_is_abandoned()
    {
        async Task<IdempotencyVerdict> BeginAsync(string key, string hash = "h") => (await _keys.BeginAsync("u_1", "s", key, hash, Cancel)).Verdict;
        Assert.Equal(IdempotencyVerdict.New, await BeginAsync("a"));
        Assert.Equal(IdempotencyVerdict.Running, await BeginAsync("a"));
        await _keys.EndAsync("s", "a", "h", new IdempotentAnswer(200, "x"), Cancel);
        Assert.Equal(IdempotencyVerdict.Replayed, await BeginAsync("a"));

        Assert.Equal(IdempotencyVerdict.New, await BeginAsync("b"));
        await _keys.ForgetAsync("s", "b", Cancel);
        Assert.Equal(IdempotencyVerdict.New, await BeginAsync("b"));
        _time.Advance(Options.Abandoned);
        Assert.Equal(IdempotencyVerdict.Running, await BeginAsync("b"));
        _time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal(IdempotencyVerdict.Conflict, await BeginAsync("b", "other"));
        Assert.Equal(IdempotencyVerdict.New, await BeginAsync("b"));
    }

    [Fact]
    public async Task Keys_are_forgotten_after_their_retention()
    {
        await RunAsync("k", "h1");
        _time.Advance(Options.Retention + TimeSpan.FromMilliseconds(1));
        Assert.Equal(IdempotencyVerdict.New, (await RunAsync("k", "h2")).Verdict);
        _time.Advance(Options.Retention + TimeSpan.FromMilliseconds(1));
        Assert.Equal(1, await _keys.ForgetOldAsync(Cancel));
    }

    [Fact]
    public async Task Keys_and_answers_at_the_limit_are_kept_and_beyond_it_refused()
    {
        var key = new string('k', Options.MaxKeyChars);
        Assert.Equal(IdempotencyVerdict.New, (await RunAsync(key, "h", new string('b', 100))).Verdict);
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => RunAsync(key + "k", "h").AsTask());
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => RunAsync("long", "h", new string('b', 101)).AsTask());
        Assert.Equal(1, await EffectsAsync());
    }
}

public sealed class Sqlite_idempotency : Idempotency_contract
{
    private protected override TestDatabase NewDatabase() => TestDatabase.Sqlite();
}

public sealed class Postgres_idempotency : Idempotency_contract
{
    private protected override TestDatabase NewDatabase() => TestDatabase.Postgres();
}
