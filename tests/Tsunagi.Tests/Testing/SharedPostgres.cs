using Tsunagi.Tests.Testing;

[assembly: AssemblyFixture(typeof(SharedPostgres))]

namespace Tsunagi.Tests.Testing;

/// <summary>Ends the tests' shared PostgreSQL when the last test has run, and not first when the process ends.</summary>
public sealed class SharedPostgres : IAsyncDisposable
{
    public ValueTask DisposeAsync() => PostgresCluster.EndSharedAsync();
}
