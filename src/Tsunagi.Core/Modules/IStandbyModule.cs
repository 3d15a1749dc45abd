using Microsoft.Extensions.DependencyInjection;

namespace Tsunagi.Core.Modules;

/// <summary>A module that does a part of its work, from what an earlier run left in the data directory, while the node waits at its start for a database that is away.</summary>
public interface IStandbyModule
{
    /// <summary>It has nothing of its own to go on with, and does what others want done: it is added after them, when one of them stands by.</summary>
    bool ServesOthers => false;

    /// <summary>Whether an earlier run has left what that takes.</summary>
    bool CanStandBy(string dataDirectory);

    /// <summary>Adds services that need no store. The clock, the disk, the node, its master keys and logging are there; nothing else is.</summary>
    void AddStandby(IServiceCollection services, object? options);
}
