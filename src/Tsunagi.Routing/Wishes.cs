using Tsunagi.Core.Exchange.Routes;

namespace Tsunagi.Routing;

/// <summary>What all modules want, put together: for the speaker and for the scrubbers.</summary>
internal sealed class Wishes(RoutingOptions options, IServiceProvider services)
{
    private IReadOnlyList<IWantedRoutes> _sources = [];

    /// <summary>One too many is told to nobody: what a router cannot take might take it down.</summary>
    public IReadOnlyList<WantedRoute> Wanted =>
        [.. _sources.SelectMany(static source => source.Wanted).OrderBy(static route => route.Key, StringComparer.Ordinal).Take(options.MaxRoutes)];

    /// <summary>From now on <paramref name="changed"/> is called when anything changes. The modules that want routes ask for us, and we for them: they are found when everything is there.</summary>
    public void Hear(Action changed)
    {
        _sources = [.. (IEnumerable<IWantedRoutes>)services.GetService(typeof(IEnumerable<IWantedRoutes>))!];
        foreach (var source in _sources)
        {
            source.Changed += (_, _) => changed();
        }
    }
}
