namespace Tsunagi.Core.Exchange.Routes;

/// <summary>A module that wants routes: registered in the container, read by whoever realises them. Both members may be used on any thread and never wait.</summary>
public interface IWantedRoutes
{
    /// <summary>Everything it wants now. Immutable; read again after <see cref="Changed"/>.</summary>
    IReadOnlyList<WantedRoute> Wanted { get; }

    /// <summary>Raised after <see cref="Wanted"/> changed.</summary>
    event EventHandler? Changed;
}
