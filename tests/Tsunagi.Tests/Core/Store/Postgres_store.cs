using Tsunagi.Core.Store;
using Tsunagi.Core.Store.Postgres;
using Tsunagi.Core.Tenants;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.Core.Store;

public sealed class Postgres_store : Store_contract
{
    private static readonly TenantQuery Everything = new("test everything", "SELECT id FROM thing WHERE {tenant} ORDER BY id");
    private static readonly TenantQuery Counters = new("test counters", "SELECT name FROM counter WHERE 'x' IN (SELECT 'x' FROM thing WHERE {tenant})");

    private readonly string _schema = PostgresCluster.NewSchema();
    private PostgresCluster _cluster = null!;

    [Fact]
    public async Task Row_level_security_holds_with_the_filter_of_a_query_off()
    {
        await AddThingAsync("own", "t_1/");
        await AddThingAsync("child", "t_1/t_2/");
        await AddThingAsync("sibling", "t_10/");
        await AddThingAsync("parent", "t_0/");
        var scoped = new TenantStore(Store, new TenantScope("t_1", "t_1/"));
        TenantQuery.FilterOffFor = Everything.Name;
        try
        {
            Assert.Equal(["child", "own"], await scoped.QueryAsync<string>(Everything, null, Cancel));
        }
        finally
        {
            TenantQuery.FilterOffFor = null;
        }

        Assert.Equal(4, await FirstAsync<long>("SELECT count(*) FROM thing"));
    }

    [Fact]
    public async Task A_table_without_a_tenant_path_is_closed_to_tenants_unless_shared()
    {
        await ExecuteAsync("INSERT INTO counter (name, value) VALUES ('n', 1)");
        await AddThingAsync("own", "t_1/");
        var scoped = new TenantStore(Store, new TenantScope("t_1", "t_1/"));
        var fault = await Assert.ThrowsAsync<Npgsql.PostgresException>(() => scoped.QueryAsync<string>(Counters, null, Cancel).AsTask());
        Assert.Equal("42501", fault.SqlState);
        await Schema.ApplyAsync(Store, [new SchemaPart("other", StoreKind.Control, [], SharedTables: ["counter"])], TimeProvider.System, Cancel);
        Assert.Equal(["n"], await scoped.QueryAsync<string>(Counters, null, Cancel));
    }

    [Fact]
    public async Task An_application_role_that_is_no_superuser_writes_and_its_tenants_are_walled()
    {
        var role = "app_" + _schema;
        await _cluster.RunAsync($"CREATE ROLE {role} LOGIN CREATEROLE; GRANT CREATE ON DATABASE postgres TO {role}; GRANT tsunagi_tenant TO {role}");
        var own = PostgresCluster.NewSchema();
        await using var store = await PostgresStore.OpenAsync(
            new PostgresStoreOptions { ConnectionString = _cluster.ConnectionString.Replace("Username=postgres", "Username=" + role, StringComparison.Ordinal), Schema = own },
            TimeProvider.System,
            Microsoft.Extensions.Logging.Abstractions.NullLogger<PostgresStore>.Instance,
            Cancel);
        var part = new SchemaPart("test", StoreKind.Control, [new SchemaStep(1, "CREATE TABLE thing (id TEXT PRIMARY KEY, tenant_path TEXT NOT NULL COLLATE_BINARY);")]);
        await Schema.ApplyAsync(store, [part], TimeProvider.System, Cancel);
        await store.WriteAsync(transaction => transaction.ExecuteAsync("INSERT INTO thing VALUES ('own', 't_1/'), ('other', 't_2/')"), Cancel);
        Assert.Equal(2, await store.WriteAsync(transaction => transaction.ExecuteAsync("UPDATE thing SET id = id || '!'"), Cancel));
        TenantQuery.FilterOffFor = Everything.Name;
        try
        {
            Assert.Equal(["own!"], await new TenantStore(store, new TenantScope("t_1", "t_1/")).QueryAsync<string>(Everything, null, Cancel));
        }
        finally
        {
            TenantQuery.FilterOffFor = null;
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_connection_cut_at_any_message_of_a_write_gives_its_effect_exactly_once(bool afterAnswer)
    {
        await ExecuteAsync("INSERT INTO counter (name, value) VALUES ('n', 0)");
        await using var relay = new CuttingRelay(_cluster.Port);
        await using var store = await _cluster.OpenStoreAsync(_schema, port: relay.Port);
        ValueTask<int> Add() => store.WriteAsync(
            async transaction =>
            {
                await transaction.FirstOrDefaultAsync<long>("SELECT value FROM counter WHERE name = 'n'");
                return await transaction.ExecuteAsync("UPDATE counter SET value = value + 1 WHERE name = 'n'");
            },
            Cancel);
        await Add();

        // BEGIN with the first statement, the second, the id, COMMIT: four messages, then those of a fresh connection.
        for (var message = 1; message <= 6; message++)
        {
            relay.CutAt(message, afterAnswer);
            await Add();
            Assert.Equal(message + 1, await FirstAsync<long>("SELECT value FROM counter WHERE name = 'n'"));
            Assert.True(relay.HasCut || message > 4, $"message {message} never came");
        }
    }

    [Fact]
    public async Task A_backend_ended_by_the_administrator_costs_nothing_but_time()
    {
        await AddThingAsync("before", "t_1/");
        var ended = false;
        await Store.WriteAsync(
            async transaction =>
            {
                await transaction.ExecuteAsync("INSERT INTO thing (id, tenant_path) VALUES ('after', 't_1/')");
                if (!ended)
                {
                    ended = true;
                    var pid = await transaction.FirstOrDefaultAsync<long>("SELECT pg_backend_pid()");
                    await _cluster.RunAsync($"SELECT pg_terminate_backend({pid})");
                }

                return await transaction.FirstOrDefaultAsync<long>("SELECT count(*) FROM thing");
            },
            Cancel);
        Assert.Equal(2, await FirstAsync<long>("SELECT count(*) FROM thing"));
    }

    [Fact]
    public async Task A_conflict_is_repeated_and_an_endless_one_is_given_up()
    {
        await ExecuteAsync("INSERT INTO counter (name, value) VALUES ('n', 0)");
        var runs = 0;
        async ValueTask<int> MeetAsync(ISqlTransaction transaction, bool always)
        {
            var value = await transaction.FirstOrDefaultAsync<long>("SELECT value FROM counter WHERE name = 'n'");
            if (Interlocked.Increment(ref runs) == 1 || always)
            {
                await ExecuteAsync("UPDATE counter SET value = value + 100 WHERE name = 'n'");
            }

            return await transaction.ExecuteAsync("UPDATE counter SET value = @value WHERE name = 'n'", new { value = value + 1 });
        }

        await Store.WriteAsync(transaction => MeetAsync(transaction, always: false), Cancel);
        Assert.Equal(2, runs);
        Assert.Equal(101, await FirstAsync<long>("SELECT value FROM counter WHERE name = 'n'"));

        await using var hasty = await _cluster.OpenStoreAsync(_schema, TimeSpan.FromSeconds(1));
        await Assert.ThrowsAsync<StoreUnavailableException>(() => hasty.WriteAsync(transaction => MeetAsync(transaction, always: true), Cancel).AsTask());
    }

    [Fact]
    public async Task A_hint_reaches_another_node()
    {
        await using var other = await _cluster.OpenStoreAsync(_schema);
        using var hint = other.Hints.Listen("work");
        using var unrelated = other.Hints.Listen("else");

        // Until both have connected a hint may be lost, which is allowed: raise until it is heard.
        var heard = false;
        for (var i = 0; i < 50 && !heard; i++)
        {
            Store.Hints.Raise("work");
            heard = await hint.WaitAsync(TimeSpan.FromMilliseconds(100), Cancel);
        }

        Assert.True(heard);

        // A listener that has just connected wakes everyone; after that a hint wakes its own channel only.
        while (await unrelated.WaitAsync(TimeSpan.FromMilliseconds(200), Cancel))
        {
        }

        Store.Hints.Raise("work");
        Assert.True(await hint.WaitAsync(TimeSpan.FromSeconds(5), Cancel));
        Assert.False(await unrelated.WaitAsync(TimeSpan.FromMilliseconds(100), Cancel));
    }

    /// <summary>The limit is the server's, which is told it for every connection; opening the store runs statements of its own, so the limit here is no short one.</summary>
    [Fact]
    public async Task Every_connection_has_the_time_limit_of_a_statement()
    {
        await using var store = await PostgresStore.OpenAsync(
            new PostgresStoreOptions { ConnectionString = _cluster.ConnectionString, Schema = _schema, StatementTimeout = TimeSpan.FromMilliseconds(7_654) },
            TimeProvider.System,
            Microsoft.Extensions.Logging.Abstractions.NullLogger<PostgresStore>.Instance,
            Cancel);
        Assert.Equal("7654ms", await store.ReadAsync(static reader => reader.FirstOrDefaultAsync<string>("SHOW statement_timeout"), Cancel));
        Assert.Equal("7654ms", await store.WriteAsync(static transaction => transaction.FirstOrDefaultAsync<string>("SHOW statement_timeout"), Cancel));
    }

    [Fact]
    public async Task A_statement_that_runs_too_long_is_ended_and_named()
    {
        // Only this transaction's statements are cut short: a busy machine can be slow at everything else.
        var fault = await Assert.ThrowsAsync<StoreUnavailableException>(() => Store.ReadAsync(
            static async reader =>
            {
                await reader.FirstOrDefaultAsync<string>("SELECT set_config('statement_timeout', '50', true)");
                return await reader.FirstOrDefaultAsync<string>("SELECT pg_sleep(5)::text");
            },
            Cancel).AsTask());
        Assert.Contains("pg_sleep", fault.Message, StringComparison.Ordinal);
    }

    private protected override async ValueTask<IStore> OpenAsync()
    {
        _cluster = await PostgresCluster.SharedAsync();
        return await _cluster.OpenStoreAsync(_schema);
    }

    private protected override ValueTask CloseAsync() => ValueTask.CompletedTask;
}
