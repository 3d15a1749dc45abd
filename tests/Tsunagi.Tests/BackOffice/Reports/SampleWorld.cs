using Tsunagi.BackOffice;
using Tsunagi.BackOffice.Sample;
using Tsunagi.Core.Store;

namespace Tsunagi.Tests.BackOffice.Reports;

/// <summary>The sample's provider with sixty customers, made once for all tests of a class.</summary>
public abstract class SampleWorld(SqlDialect dialect) : IAsyncLifetime
{
    private const int Seed = 4711, Customers = 60;

    internal BackOfficeWorld World { get; private set; } = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        World = await BackOfficeWorld.OpenAsync(dialect: dialect);
        var writer = new SampleWriter(World.Provider.Stores, World.GeneralLedger, new BackOfficeOptions(), World.Provider.Changes, World.Time);
        Assert.Equal("backoffice.sample.customers", (await writer.FillAsync(World.Operator, new NewSample(Seed, NewSample.Least - 1), Cancel)).Refusal?.Code);
        var made = BackOfficeWorld.Value(await writer.FillAsync(World.Operator, new NewSample(Seed, Customers), Cancel));
        Assert.Equal((Customers, "2006-04", "2007-09"), (made.Customers, made.From, made.To));
        Assert.Equal("backoffice.sample.filled", (await writer.FillAsync(World.Operator, new NewSample(Seed, Customers), Cancel)).Refusal?.Code);
    }

    public ValueTask DisposeAsync() => World.DisposeAsync();
}

/// <summary>On SQLite.</summary>
public sealed class SampleOnSqlite() : SampleWorld(SqlDialect.Sqlite);

/// <summary>On PostgreSQL.</summary>
public sealed class SampleOnPostgres() : SampleWorld(SqlDialect.Postgres);
