using System.Globalization;
using Tsunagi.Core.Store;
using Tsunagi.Core.Tenants;

namespace Tsunagi.Tests.Core.Store;

/// <summary>What every store promises; one class derives for each database.</summary>
public abstract class Store_contract : IAsyncLifetime
{
    private static readonly SchemaPart Part = new("test", StoreKind.Control,
    [
        new SchemaStep(1, """
            CREATE TABLE thing (id TEXT NOT NULL COLLATE_BINARY PRIMARY KEY, tenant_path TEXT NOT NULL COLLATE_BINARY, size INTEGER, ratio REAL, body BLOB);
            CREATE TABLE part_of (id TEXT PRIMARY KEY, thing_id TEXT NOT NULL REFERENCES thing (id));
            """),
        new SchemaStep(2, "CREATE TABLE counter (name TEXT PRIMARY KEY, value INTEGER NOT NULL);"),
    ]);

    private static readonly RowStatement Put = RowStatement.Insert(
        "thing", [RowColumn.Text("id"), RowColumn.Text("tenant_path"), RowColumn.Number("size")], "ON CONFLICT (id) DO UPDATE SET size = excluded.size", returning: "size");

    private static readonly RowStatement PutNew = RowStatement.Insert("thing", [RowColumn.Text("id"), RowColumn.Text("tenant_path")]);

    private static readonly RowStatement Grow = RowStatement.Update("thing", [RowColumn.Text("id"), RowColumn.Number("more")], "size = size + given.more", "thing.id = given.id");

    private static readonly TenantQuery Things = new("test things", "SELECT id FROM thing WHERE {tenant} ORDER BY id");

    private protected IStore Store { get; private set; } = null!;

    private protected static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        Store = await OpenAsync();
        await Schema.ApplyAsync(Store, [Part], TimeProvider.System, Cancel);
    }

    public async ValueTask DisposeAsync()
    {
        if (Store is not null)
        {
            await Store.DisposeAsync();
        }

        await CloseAsync();
        GC.SuppressFinalize(this);
    }

    private protected abstract ValueTask<IStore> OpenAsync();

    private protected abstract ValueTask CloseAsync();

    private protected ValueTask<int> ExecuteAsync(string sql, object? parameters = null) =>
        Store.WriteAsync(transaction => transaction.ExecuteAsync(sql, parameters), Cancel);

    private protected ValueTask<T?> FirstAsync<T>(string sql, object? parameters = null) =>
        Store.ReadAsync(reader => reader.FirstOrDefaultAsync<T>(sql, parameters), Cancel);

    private protected ValueTask<int> AddThingAsync(string id, string path) =>
        ExecuteAsync("INSERT INTO thing (id, tenant_path) VALUES (@id, @path)", new { id, path });

    private protected sealed record Thing(string Id, string TenantPath, int? Size, double? Ratio, byte[]? Body);

    private protected enum Colour
    {
        Red = 1,
        Green = 2,
    }

    [Fact]
    public async Task A_row_comes_back_as_it_was_written()
    {
        await ExecuteAsync(
            "INSERT INTO thing (id, tenant_path, size, ratio, body) VALUES (@Id, @TenantPath, @Size, @Ratio, @Body)",
            new Thing("a", "t_1/", 42, 1.5, [1, 2, 3]));
        var thing = await FirstAsync<Thing>("SELECT id, tenant_path, size, ratio, body FROM thing");
        Assert.Equal(("a", "t_1/", 42, 1.5), (thing!.Id, thing.TenantPath, thing.Size, thing.Ratio));
        Assert.Equal([1, 2, 3], thing.Body);
    }

    [Fact]
    public async Task Many_rows_go_by_one_statement()
    {
        object?[][] rows = [.. Enumerable.Range(0, 300).Select(static i => (object?[])[string.Create(CultureInfo.InvariantCulture, $"{i:000} 繋ぎ"), i % 3 == 0 ? "" : "t_1/", i % 2 == 0 ? null : (long)i])];
        var (first, again, none) = await Store.WriteAsync(
            async transaction =>
            {
                var first = await transaction.WriteRowsAsync(Put, [.. rows.Where(static row => row[2] is not null)]);
                await transaction.WriteRowsAsync(PutNew, [.. rows.Where(static row => row[2] is null).Select(static row => row[..2])]);
                var again = await transaction.WriteRowsAsync(Put, [[rows[7][0], "other", 70L], ["new", "", 71L]]);
                await transaction.WriteRowsAsync(Grow, [[rows[1][0], 1_000L], [rows[3][0], 2_000L], ["nobody", 1L]]);
                return (first.Count, again, await transaction.WriteRowsAsync(Put, []));
            },
            Cancel);
        Assert.Equal((150, 0), (first, none.Count));
        Assert.Equal([70, 71], again.Order());
        var things = await Store.ReadAsync(static reader => reader.QueryAsync<Thing>("SELECT id, tenant_path, size, ratio, body FROM thing ORDER BY id"), Cancel);
        Assert.Equal(301, things.Count);
        for (var i = 0; i < rows.Length; i++)
        {
            int? size = i switch { 1 => 1_001, 3 => 2_003, 7 => 70, _ => (int?)(long?)rows[i][2] };
            Assert.Equal((rows[i][0], rows[i][1], size), (things[i].Id, things[i].TenantPath, things[i].Size));
        }
    }

    [Fact]
    public async Task One_of_many_rows_that_breaks_a_rule_takes_them_all_back()
    {
        await AddThingAsync("b", "t_1/");
        await Assert.ThrowsAsync<ConstraintViolationException>(async () => await Store.WriteAsync(
            static async transaction => await transaction.WriteRowsAsync(PutNew, [["a", "t_1/"], ["b", "t_1/"], ["c", "t_1/"]]), Cancel));
        Assert.Equal(1, await FirstAsync<long>("SELECT count(*) FROM thing"));
        await Store.WriteAsync(static async transaction => await transaction.WriteRowsAsync(PutNew, [["a", "t_1/"], ["c", "t_1/"]]), Cancel);
        Assert.Equal(3, await FirstAsync<long>("SELECT count(*) FROM thing"));
    }

    [Fact]
    public async Task Nulls_go_in_and_come_out()
    {
        await ExecuteAsync(
            "INSERT INTO thing (id, tenant_path, size, ratio, body) VALUES (@Id, @TenantPath, @Size, @Ratio, @Body)",
            new Thing("a", "t_1/", null, null, null));
        var thing = await FirstAsync<Thing>("SELECT id, tenant_path, size, ratio, body FROM thing WHERE size IS NULL");
        Assert.Equal((null, null, null), (thing!.Size, thing.Ratio, thing.Body));
        var fault = await Assert.ThrowsAsync<InvalidOperationException>(() => FirstAsync<long>("SELECT size FROM thing").AsTask());
        Assert.Contains("size is null", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Scalars_tuples_enums_and_booleans_are_mapped()
    {
        await AddThingAsync("a", "t_1/");
        Assert.Equal(1, await FirstAsync<int>("SELECT count(*) FROM thing"));
        Assert.True(await FirstAsync<bool>("SELECT EXISTS (SELECT 1 FROM thing)"));
        await ExecuteAsync("UPDATE thing SET size = @colour", new { colour = Colour.Green });
        Assert.Equal(("a", Colour.Green), await FirstAsync<(string, Colour)>("SELECT id, size FROM thing"));
        Assert.Equal(2L, await FirstAsync<long>("SELECT sum(size) FROM thing"));
        Assert.Null(await FirstAsync<string>("SELECT id FROM thing WHERE size = @size", new { size = 7 }));
    }

    [Fact]
    public async Task A_list_parameter_is_one_set_also_when_empty()
    {
        foreach (var id in (string[])["a", "b", "c"])
        {
            await AddThingAsync(id, "t_1/");
        }

        const string Sql = "SELECT id FROM thing WHERE id IN @ids ORDER BY id";
        Assert.Equal(["a", "c"], await Store.ReadAsync(reader => reader.QueryAsync<string>(Sql, new { ids = new[] { "c", "a", "x" } }), Cancel));
        Assert.Empty(await Store.ReadAsync(reader => reader.QueryAsync<string>(Sql, new { ids = Array.Empty<string>() }), Cancel));
        var thousand = Enumerable.Range(0, 1000).Select(n => n.ToString(CultureInfo.InvariantCulture)).ToArray();
        Assert.Empty(await Store.ReadAsync(reader => reader.QueryAsync<string>(Sql, new { ids = thousand }), Cancel));
        await Assert.ThrowsAsync<ArgumentException>(async () => await Store.ReadAsync(reader => reader.QueryAsync<string>(Sql, new { ids = thousand.Append("x") }), Cancel));
    }

    [Fact]
    public async Task A_write_that_throws_leaves_nothing_and_the_next_one_works()
    {
        var acts = 0;
        await Assert.ThrowsAsync<InvalidDataException>(() => Store.WriteAsync<int>(
            async transaction =>
            {
                await transaction.ExecuteAsync("INSERT INTO thing (id, tenant_path) VALUES ('lost', 't_1/')");
                transaction.OnCommitted(() => acts++);
                throw new InvalidDataException("no");
            },
            Cancel).AsTask());
        Assert.Equal(1, await AddThingAsync("kept", "t_1/"));
        Assert.Equal("kept", await FirstAsync<string>("SELECT id FROM thing"));
        Assert.Equal(0, acts);
    }

    [Fact]
    public async Task Many_writers_at_once_lose_no_update_and_a_failing_one_takes_only_itself()
    {
        await ExecuteAsync("INSERT INTO counter (name, value) VALUES ('n', 0)");
        var acts = 0;
        async Task OneAsync(int n)
        {
            try
            {
                await Store.WriteAsync(
                    async transaction =>
                    {
                        var value = await transaction.FirstOrDefaultAsync<long>("SELECT value FROM counter WHERE name = 'n'");
                        await transaction.ExecuteAsync("UPDATE counter SET value = @value WHERE name = 'n'", new { value = value + 1 });
                        transaction.OnCommitted(() => Interlocked.Increment(ref acts));
                        return n % 4 == 0 ? throw new InvalidDataException("mine alone") : value;
                    },
                    Cancel);
            }
            catch (InvalidDataException)
            {
                // Every fourth fails on purpose.
            }
        }

        await Task.WhenAll(Enumerable.Range(0, 40).Select(OneAsync));
        Assert.Equal(30, await FirstAsync<long>("SELECT value FROM counter WHERE name = 'n'"));
        Assert.Equal(30, acts);
    }

    [Fact]
    public async Task A_reader_sees_one_snapshot_while_a_write_commits()
    {
        await AddThingAsync("a", "t_1/");
        var (before, after) = await Store.ReadAsync(
            async reader =>
            {
                var first = await reader.FirstOrDefaultAsync<long>("SELECT count(*) FROM thing");
                await AddThingAsync("b", "t_1/");
                return (first, await reader.FirstOrDefaultAsync<long>("SELECT count(*) FROM thing"));
            },
            Cancel);
        Assert.Equal((1, 1), (before, after));
        Assert.Equal(2, await FirstAsync<long>("SELECT count(*) FROM thing"));
    }

    [Fact]
    public async Task Broken_constraints_are_named_by_kind()
    {
        await AddThingAsync("a", "t_1/");
        async Task<ConstraintKind> KindOf(string sql) => (await Assert.ThrowsAsync<ConstraintViolationException>(() => ExecuteAsync(sql).AsTask())).Kind;
        Assert.Equal(ConstraintKind.Unique, await KindOf("INSERT INTO thing (id, tenant_path) VALUES ('a', 't_1/')"));
        Assert.Equal(ConstraintKind.NotNull, await KindOf("INSERT INTO thing (id, tenant_path) VALUES ('b', NULL)"));
        Assert.Equal(ConstraintKind.ForeignKey, await KindOf("INSERT INTO part_of (id, thing_id) VALUES ('p', 'nothing')"));
    }

    [Fact]
    public async Task A_swallowed_fault_still_fails_the_write()
    {
        await AddThingAsync("a", "t_1/");
        await Assert.ThrowsAsync<ConstraintViolationException>(() => Store.WriteAsync(
            async transaction =>
            {
                try
                {
                    await transaction.ExecuteAsync("INSERT INTO thing (id, tenant_path) VALUES ('a', 't_1/')");
                }
                catch (ConstraintViolationException)
                {
                    // The caller believes it can go on.
                }

                return 0;
            },
            Cancel).AsTask());
    }

    [Fact]
    public async Task A_read_cannot_write()
    {
        var fault = await Assert.ThrowsAsync<InvalidOperationException>(() => FirstAsync<string>("INSERT INTO counter (name, value) VALUES ('n', 1) RETURNING name").AsTask());
        Assert.Contains("a read tried to write", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_prepared_command_serves_many_rows()
    {
        for (var round = 0; round < 2; round++)
        {
            await Store.WriteAsync(
                async transaction =>
                {
                    var command = transaction.Prepare("INSERT INTO thing (id, tenant_path) VALUES (@id, @path)", made =>
                    {
                        foreach (var name in (string[])["@id", "@path"])
                        {
                            var parameter = made.CreateParameter();
                            parameter.ParameterName = name;
                            made.Parameters.Add(parameter);
                        }
                    });
                    for (var i = 0; i < 100; i++)
                    {
                        command.Parameters[0].Value = $"{round}-{i}";
                        command.Parameters[1].Value = "t_1/";
                        await command.ExecuteNonQueryAsync(Cancel);
                    }

                    return 0;
                },
                Cancel);
        }

        Assert.Equal(200, await FirstAsync<long>("SELECT count(*) FROM thing"));
    }

    [Fact]
    public async Task Text_sorts_by_its_bytes()
    {
        foreach (var id in (string[])["b", "B", "a_1", "a-1", "é", "a"])
        {
            await AddThingAsync(id, "t_1/");
        }

        Assert.Equal(["B", "a", "a-1", "a_1", "b", "é"], await Store.ReadAsync(reader => reader.QueryAsync<string>("SELECT id FROM thing ORDER BY id"), Cancel));
    }

    [Fact]
    public async Task A_tenant_sees_its_subtree_only()
    {
        await AddThingAsync("own", "t_1/");
        await AddThingAsync("child", "t_1/t_2/");
        await AddThingAsync("sibling", "t_10/");
        await AddThingAsync("other", "t_2/");
        var scoped = new TenantStore(Store, new TenantScope("t_1", "t_1/"));
        Assert.Equal(["child", "own"], await scoped.QueryAsync<string>(Things, null, Cancel));
    }

    [Fact]
    public async Task A_hint_raised_between_two_waits_is_not_lost()
    {
        using var hint = Store.Hints.Listen("work");

        // PostgreSQL wakes everyone once when its listener has connected.
        while (await hint.WaitAsync(TimeSpan.FromMilliseconds(100), Cancel))
        {
        }

        await Store.WriteAsync(
            transaction =>
            {
                transaction.OnCommitted(() => Store.Hints.Raise("work"));
                return ValueTask.FromResult(0);
            },
            Cancel);
        Assert.True(await hint.WaitAsync(TimeSpan.FromSeconds(5), Cancel));
    }

    [Fact]
    public async Task An_act_after_the_commit_may_write_again()
    {
        var second = new TaskCompletionSource<int>();
        await Store.WriteAsync(
            transaction =>
            {
                transaction.OnCommitted(() => _ = ChainAsync());
                return transaction.ExecuteAsync("INSERT INTO thing (id, tenant_path) VALUES ('first', 't_1/')");
            },
            Cancel);
        Assert.Equal(1, await second.Task.WaitAsync(TimeSpan.FromSeconds(5), Cancel));

        async Task ChainAsync()
        {
            try
            {
                second.TrySetResult(await AddThingAsync("second", "t_1/"));
            }
            catch (Exception fault)
            {
                second.TrySetException(fault);
            }
        }
    }

    [Fact]
    public async Task Cancelling_a_write_leaves_the_store_usable()
    {
        using var cancel = new CancellationTokenSource();
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            Store.WriteAsync(transaction => transaction.ExecuteAsync("INSERT INTO thing (id, tenant_path) VALUES ('x', 't_1/')"), cancel.Token).AsTask());
        Assert.Equal(1, await AddThingAsync("a", "t_1/"));
    }

    [Fact]
    public async Task Make_durable_completes() => await Store.MakeDurableAsync(Cancel);

    [Fact]
    public async Task The_schema_runs_once_and_grows()
    {
        await Schema.ApplyAsync(Store, [Part], TimeProvider.System, Cancel);
        var grown = Part with { Steps = [.. Part.Steps, new SchemaStep(3, "ALTER TABLE counter ADD COLUMN note TEXT;")] };
        await Task.WhenAll(
            Schema.ApplyAsync(Store, [grown], TimeProvider.System, Cancel),
            Schema.ApplyAsync(Store, [grown], TimeProvider.System, Cancel));
        await ExecuteAsync("INSERT INTO counter (name, value, note) VALUES ('n', 1, 'x')");
        Assert.Equal(3, await FirstAsync<long>("SELECT count(*) FROM schema_step WHERE owner = 'test'"));
    }

    [Fact]
    public async Task An_edited_step_and_a_newer_database_are_refused_with_the_way_out()
    {
        var edited = Part with { Steps = [Part.Steps[0], Part.Steps[1] with { Sql = Part.Steps[1].Sql + " " }] };
        var fault = await Assert.ThrowsAsync<SchemaException>(() => Schema.ApplyAsync(Store, [edited], TimeProvider.System, Cancel));
        Assert.Contains("step 2 was edited", fault.Message, StringComparison.Ordinal);
        var older = Part with { Steps = [Part.Steps[0]] };
        fault = await Assert.ThrowsAsync<SchemaException>(() => Schema.ApplyAsync(Store, [older], TimeProvider.System, Cancel));
        Assert.Contains("newer version", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_step_that_fails_leaves_the_schema_as_it_was()
    {
        var broken = Part with { Steps = [.. Part.Steps, new SchemaStep(3, "CREATE TABLE extra (id TEXT PRIMARY KEY); CREATE TABLE nonsense (")] };
        await Assert.ThrowsAnyAsync<System.Data.Common.DbException>(() => Schema.ApplyAsync(Store, [broken], TimeProvider.System, Cancel));
        Assert.Equal(2, await FirstAsync<long>("SELECT count(*) FROM schema_step WHERE owner = 'test'"));
        await Assert.ThrowsAnyAsync<System.Data.Common.DbException>(() => ExecuteAsync("INSERT INTO extra (id) VALUES ('x')").AsTask());
    }
}
