using System.Text.Json;
using Tsunagi.Core.Time;

namespace Tsunagi.Connectivity.Dhcp;

/// <summary>
/// What operators are to be told of DHCP of one family: one event for each subject in a while, with how often it was; of strangers (clients without a line, relays that are none) so many within an hour.
/// Bounded; thread-safe; noting waits for nothing.
/// </summary>
/// <param name="eventEvery">The same is told once in so long.</param>
internal abstract class DhcpNotes(TimeSpan eventEvery, int strangersToldPerHour, TimeProvider time)
{
    private const int MostSubjects = 10_000;
    private const long HourMicros = 3_600 * UnixMicros.PerSecond;

    private readonly Dictionary<(string Type, string Subject), Noted> _noted = [];
    private (long Since, int Count) _strangers;

    /// <summary>Notes a thing of a line, or of the provider where there is no line.</summary>
    /// <param name="facts">Its facts, of the first time; no content and nothing personal.</param>
    public void Note(string type, string subject, string? tenantPath, Dictionary<string, string> facts, bool isStranger = false)
    {
        lock (_noted)
        {
            if (_noted.TryGetValue((type, subject), out var noted))
            {
                noted.Untold++;
                return;
            }

            if (_noted.Count >= MostSubjects)
            {
                _noted.Clear();
            }

            _noted.Add((type, subject), new Noted(tenantPath, facts, isStranger) { Untold = 1 });
        }
    }

    /// <summary>What is to be told now.</summary>
    public IReadOnlyList<(string Type, string Subject, string? TenantPath, string Facts)> Take(int most)
    {
        var now = time.NowMicros();
        var every = (long)eventEvery.TotalMicroseconds;
        var told = new List<(string, string, string?, string)>();
        lock (_noted)
        {
            if (now - _strangers.Since >= HourMicros)
            {
                _strangers = (now, 0);
            }

            foreach (var ((type, subject), noted) in _noted.ToList())
            {
                if (noted.Untold == 0 && now - noted.ToldAt >= every)
                {
                    _noted.Remove((type, subject));
                }
                else if (noted.Untold > 0 && (noted.ToldAt == 0 || now - noted.ToldAt >= every) && told.Count < most && (!noted.IsStranger || _strangers.Count < strangersToldPerHour))
                {
                    _strangers.Count += noted.IsStranger ? 1 : 0;
                    told.Add((type, subject, noted.TenantPath, JsonSerializer.Serialize(new SortedDictionary<string, object>(noted.Facts.ToDictionary(static fact => fact.Key, static fact => (object)fact.Value), StringComparer.Ordinal) { ["count"] = noted.Untold })));
                    (noted.Untold, noted.ToldAt) = (0, now);
                }
            }
        }

        return told;
    }

    private sealed class Noted(string? tenantPath, Dictionary<string, string> facts, bool isStranger)
    {
        public string? TenantPath => tenantPath;

        public Dictionary<string, string> Facts => facts;

        public bool IsStranger => isStranger;

        public long Untold { get; set; }

        public long ToldAt { get; set; }
    }
}
