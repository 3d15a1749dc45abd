using System.Text.Json;
using Tsunagi.Core.Time;

namespace Tsunagi.Routing.Kernel;

/// <summary>What operators are to be told of routes that cannot be set: one event for each cause in a while, with how often it was and one of the routes. Bounded; thread-safe.</summary>
internal sealed class KernelTroubles(KernelRouteOptions options, TimeProvider time)
{
    private const int MostCauses = 1_000;

    private readonly Dictionary<(string Through, string Why), Trouble> _causes = [];

    /// <param name="through">The interface or next hop, or the option that is in the way.</param>
    /// <param name="why">In words that name no prefix.</param>
    public void Note(string through, string why, string prefix)
    {
        lock (_causes)
        {
            if (!_causes.TryGetValue((through, why), out var trouble))
            {
                if (_causes.Count >= MostCauses)
                {
                    _causes.Clear();
                }

                _causes.Add((through, why), trouble = new Trouble());
            }

            trouble.Untold++;
            trouble.Prefix = prefix;
        }
    }

    /// <summary>What is to be told now: the subject, and facts as JSON.</summary>
    public IReadOnlyList<(string Subject, string Facts)> Take(int most)
    {
        var (now, every) = (time.NowMicros(), (long)options.EventEvery.TotalMicroseconds);
        var told = new List<(string, string)>();
        lock (_causes)
        {
            foreach (var (cause, trouble) in _causes.ToList())
            {
                if (trouble.ToldAt != 0 && now - trouble.ToldAt < every)
                {
                    continue;
                }

                if (trouble.Untold == 0)
                {
                    _causes.Remove(cause);
                }
                else if (told.Count < most)
                {
                    told.Add((cause.Through, JsonSerializer.Serialize(new { through = cause.Through, why = cause.Why, prefix = trouble.Prefix, times = trouble.Untold })));
                    (trouble.Untold, trouble.ToldAt) = (0, now);
                }
            }
        }

        return told;
    }

    private sealed class Trouble
    {
        public long Untold { get; set; }

        public string Prefix { get; set; } = "";

        public long ToldAt { get; set; }
    }
}
