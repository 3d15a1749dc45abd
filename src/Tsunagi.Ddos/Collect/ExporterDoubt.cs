using Tsunagi.Protocols.Flow;
using Tsunagi.Protocols.Flow.Ipfix;

namespace Tsunagi.Ddos.Collect;

/// <summary>
/// Whether what comes in an exporter's name is its own. UDP says nothing of that, but who forges datagrams does not know (1) where the exporter's sequence numbers are: they jump to and fro;
/// (2) nor the port it sends from, nor its domains: there is another one beside those that were there before; (3) and whoever redefines a template of it changes what its records say.
/// In doubt its records are counted and attacks are told, and no rule goes out by itself (<see cref="DoubtedTargets"/>). One jump is what a restart makes: rules wait for some
/// seconds, and it is not told. On the collector's turn only.
/// </summary>
/// <param name="elder">The exporter with the same address that was there before this one; null when there was none.</param>
/// <param name="bornMilliseconds">When it was heard first; long ago when its state was kept over a restart.</param>
internal sealed class ExporterDoubt(FlowExporter state, Exporter? elder, long bornMilliseconds)
{
    public const long UnsureMilliseconds = 10_000;
    public const long DoubtMilliseconds = 600_000;

    // What comes within a minute belongs together: several ports and domains when it is heard first, a port that is given up for another.
    private const long TogetherMilliseconds = 60_000;

    private readonly Dictionary<ObservationDomain, ulong> _strays = state.Domains.ToDictionary(static domain => domain, static domain => domain.Sequence.Strays);
    private long _until = long.MinValue;
    private long _strayedAt = long.MinValue / 2;

    /// <summary>Since when it was heard, on the clock of <see cref="Exporter.Cover"/>.</summary>
    public long Born => bornMilliseconds;

    /// <summary>Why it is doubted; empty while it is not.</summary>
    public string Why { get; private set; } = "";

    /// <summary>It is more than a restart would explain, and operators should know.</summary>
    public bool IsTold { get; private set; }

    /// <summary>After each datagram: whether this one may be forged.</summary>
    /// <param name="milliseconds">Now, on a clock that only goes on.</param>
    /// <param name="redefined">Templates that it redefined.</param>
    public bool Judge(long milliseconds, int redefined)
    {
        Look(milliseconds);

        // (1) and (2)
        if (state.LastDomain is { } domain)
        {
            var strays = domain.Sequence.Strays;
            if (!_strays.TryGetValue(domain, out var before))
            {
                _strays[domain] = strays;
                if (_strays.Count > 1 && milliseconds - bornMilliseconds > TogetherMilliseconds)
                {
                    Doubt($"a domain that was not there before ({domain.Origin} {domain.Id})", milliseconds + DoubtMilliseconds, isTold: true);
                }
            }
            else if (strays != before)
            {
                var again = milliseconds - _strayedAt < TogetherMilliseconds;
                (_strays[domain], _strayedAt) = (strays, milliseconds);
                Doubt("its sequence numbers jump" + (again ? " to and fro" : ""), milliseconds + (again ? DoubtMilliseconds : UnsureMilliseconds), again);
            }
        }

        if (elder is not null && bornMilliseconds - elder.Doubt.Born > TogetherMilliseconds && milliseconds - elder.HeardAt < TogetherMilliseconds)
        {
            Doubt($"{elder.Key} was there before and still sends", milliseconds + UnsureMilliseconds, isTold: true);
        }

        // (3)
        if (redefined > 0)
        {
            Doubt("a template was redefined", milliseconds + DoubtMilliseconds, isTold: true);
        }

        return Why.Length > 0;
    }

    /// <summary>How long no rule goes out by itself for what a datagram told that came now: as long as it may stand behind an incident.</summary>
    public long HoldUntil(long milliseconds) => IsTold ? milliseconds + TogetherMilliseconds : _until;

    /// <summary>Whether it is over.</summary>
    public void Look(long milliseconds)
    {
        if (milliseconds >= _until)
        {
            (Why, IsTold) = ("", false);
        }
    }

    // The graver reason stays.
    private void Doubt(string why, long until, bool isTold)
    {
        if (isTold || !IsTold)
        {
            (Why, IsTold) = (why, isTold);
        }

        _until = Math.Max(_until, until);
    }
}
