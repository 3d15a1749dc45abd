namespace Tsunagi.Core.Exchange.Routes;

/// <summary>Who makes wanted routes real. A module that wants routes asks the container for it, so a program without one does not start.</summary>
public interface IRouteRealiser
{
    /// <summary>The routers it speaks to, as they stand now.</summary>
    IReadOnlyList<RoutePeer> Peers { get; }
}

/// <summary>A router that is told routes.</summary>
/// <param name="Name">What people call it.</param>
/// <param name="State">A state of RFC 4271 section 8.2.2: "Idle", "Connect", "Active", "OpenSent", "OpenConfirm", "Established".</param>
/// <param name="SinceAt">Since when, µs UTC.</param>
/// <param name="Families">What both sides speak, while the session is up.</param>
/// <param name="Announced">Routes it has been told and not told to forget.</param>
/// <param name="Unsent">Wanted routes that it does not take: of a family it does not speak, or refused by the last guard.</param>
/// <param name="LastError">Why the last session ended or did not begin; null when nothing went wrong yet.</param>
public sealed record RoutePeer(
    string Name, string Address, long As, string State, long SinceAt, IReadOnlyList<string> Families, int Announced, int Unsent, long Sessions, string? LastError);
