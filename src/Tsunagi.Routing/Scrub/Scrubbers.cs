using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Tsunagi.Core.Exchange.Routes;

namespace Tsunagi.Routing.Scrub;

/// <summary>The scrubbers that this node speaks to, each by itself: one that does not answer holds up no other.</summary>
internal sealed class Scrubbers : BackgroundService, IScrubbers
{
    private readonly IReadOnlyList<Scrubber> _all;
    private readonly Wishes _wishes;

    public Scrubbers(RoutingOptions options, IServiceProvider services, TimeProvider time, ILogger<Scrubbers> log)
    {
        _wishes = new Wishes(options, services);
        _all = [.. options.Scrubbers.Select(each => new Scrubber(each, options, () => _wishes.Wanted, time, log))];
        if (options.Scrubbers.GroupBy(static each => each.Name, StringComparer.Ordinal).FirstOrDefault(static group => group.Count() > 1) is { } twice)
        {
            throw new InvalidOperationException($"routing.scrubbers: two are called {twice.Key}");
        }
    }

    public IReadOnlyList<ScrubberView> All => [.. _all.Select(static each => each.View)];

    public override Task StartAsync(CancellationToken cancellationToken)
    {
        if (_all.Count > 0)
        {
            _wishes.Hear(Pulse);
        }

        return base.StartAsync(cancellationToken);
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.WhenAll(_all.Select(each => each.RunAsync(stoppingToken)));

    private void Pulse()
    {
        foreach (var each in _all)
        {
            each.Pulse();
        }
    }
}
