using System.Globalization;
using System.Text;
using Tsunagi.Core.Store;
using Tsunagi.Ddos.Incidents;
using Tsunagi.Ddos.Sharing;
using Tsunagi.Protocols.Flow.Stix;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.Ddos.Sharing;

/// <summary>How much of a peer's is kept.</summary>
public abstract class Received_objects(SqlDialect dialect)
{
    private const int Most = 2;
    private static readonly SharingOptions Options = new() { Organisation = "a.example", MaxObjects = Most };

    [Fact]
    public async Task Are_kept_up_to_a_limit_and_what_is_kept_is_still_followed()
    {
        await using var opened = dialect == SqlDialect.Sqlite ? await TestStores.OpenAsync(DdosSchema.Control) : await TestStores.OpenOnPostgresAsync(DdosSchema.Control);
        var intake = new Intake(Options, TimeProvider.System);
        async Task<TakenObjects> TakeAsync(params StixObject[] objects) => await opened.Stores.Control.WriteAsync(
            transaction => intake.TakeAsync(transaction, "peer", new SharingGroup { Name = "isps" }, objects, new WarningLists(Options, [])), TestContext.Current.CancellationToken);

        var first = await TakeAsync(Incident(1, "one"), Incident(2, "two"), Incident(3, "three"), Strange(1), Strange(2), Strange(3));
        Assert.Equal((Most, Most, 2), (first.Incidents, first.NotUnderstood, first.Refused));
        Assert.Equal("more than 2 patterns of this peer are kept that are not understood", first.LastRefused);

        var later = await TakeAsync(Incident(2, "two, later", minute: 5), Incident(4, "four"), Strange(2, minute: 5));
        Assert.Equal((1, 1, 1), (later.Incidents, later.NotUnderstood, later.Refused));
        Assert.Equal(
            ["one", "two, later"],
            await opened.Stores.Control.ReadAsync(static reader => reader.QueryAsync<string>("SELECT name FROM ddos_foreign_incident ORDER BY name"), TestContext.Current.CancellationToken));
    }

    private static StixObject Incident(int number, string name, int minute = 0) => Read("incident", number, minute, $"\"name\":\"{name}\"");

    // A sequence: that is not understood.
    private static StixObject Strange(int number, int minute = 0) => Read(
        "indicator", number, minute, "\"pattern\":\"[ipv4-addr:value = '203.0.113.1'] FOLLOWEDBY [ipv4-addr:value = '203.0.113.2']\",\"pattern_type\":\"stix\",\"valid_from\":\"2026-11-27T00:00:00Z\"");

    private static StixObject Read(string type, int number, int minute, string more)
    {
        var (id, at) = (number.ToString("x12", CultureInfo.InvariantCulture), string.Create(CultureInfo.InvariantCulture, $"2026-11-27T00:{minute:00}:00.000Z"));
        var json = $$"""{"type":"{{type}}","spec_version":"2.1","id":"{{type}}--00000000-0000-4000-8000-{{id}}","created":"2026-11-27T00:00:00.000Z","modified":"{{at}}",{{more}}}""";
        Assert.True(StixReader.TryReadObject(Encoding.UTF8.GetBytes(json), null, out var read, out var error), error.ToString());
        return read!;
    }
}

public sealed class Received_objects_on_sqlite() : Received_objects(SqlDialect.Sqlite);

public sealed class Received_objects_on_postgres() : Received_objects(SqlDialect.Postgres);
