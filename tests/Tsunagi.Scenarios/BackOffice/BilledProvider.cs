using Tsunagi.Tests.BackOffice;

namespace Tsunagi.Scenarios.BackOffice;

/// <summary>The provider with bills, made once for the scenarios that look at it one after the other; each adds what it is about and takes nothing away.</summary>
public sealed class BilledProvider : IAsyncLifetime
{
    internal BackOfficeNode World { get; private set; } = null!;

    public async ValueTask InitializeAsync() => World = await BackOfficeNode.StartAsync();

    public ValueTask DisposeAsync() => World?.DisposeAsync() ?? ValueTask.CompletedTask;
}
