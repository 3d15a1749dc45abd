using System.Runtime.InteropServices;
using Tsunagi.Core.Time;
using Tsunagi.Ddos.Meters;

namespace Tsunagi.Ddos.Incidents;

/// <summary>
/// The incidents that are open, and those that have changed since they were last written. The detector tells it on its own turn and never waits; the writer takes
/// what changed when it can. A database that is away delays the writing and loses nothing but the steps in between.
/// </summary>
internal sealed class IncidentBook(DdosMetrics metrics)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Incident> _open = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Incident> _changed = new(StringComparer.Ordinal);

    private readonly Dictionary<string, Dropped> _dropped = new(StringComparer.Ordinal);

    /// <summary>Pulsed when an incident opens or closes.</summary>
    public CoalescedSignal Signal { get; } = new();

    /// <summary>Incidents that were not opened since their subscription had too many.</summary>
    public long Suppressed { get; set; }

    public IReadOnlyList<Incident> OpenOnes
    {
        get
        {
            lock (_gate)
            {
                return [.. _open.Values.Select(static incident => incident.Copy())];
            }
        }
    }

    public int OpenOf(string subscription)
    {
        lock (_gate)
        {
            return _open.Values.Count(incident => incident.SubscriptionId == subscription);
        }
    }

    public void Open(Incident incident)
    {
        metrics.IncidentOpened();
        Put(incident, isOpen: true);
        Signal.Pulse();
    }

    /// <summary>One of an earlier run of the program.</summary>
    public void Adopt(Incident incident)
    {
        lock (_gate)
        {
            _open[incident.Id] = incident;
        }
    }

    public void Change(Incident incident) => Put(incident, isOpen: true);

    public void Close(Incident incident, long atMicros, string reason)
    {
        incident.ClosedAt = atMicros;
        incident.CloseReason = reason;
        Put(incident, isOpen: false);
        Signal.Pulse();
    }

    /// <summary>What the rules against an incident drop a second, by the droppers' own counters.</summary>
    public void TellDropped(string incident, long packets, long bits, long atMicros)
    {
        lock (_gate)
        {
            if (_open.ContainsKey(incident))
            {
                _dropped[incident] = new Dropped(packets, bits, atMicros);
            }
        }
    }

    /// <summary>The same, when it was last told; nothing where it never was.</summary>
    public Dropped DroppedOf(string incident)
    {
        lock (_gate)
        {
            return _dropped.GetValueOrDefault(incident);
        }
    }

    /// <summary>Takes what has changed, as it is now.</summary>
    public IReadOnlyList<Incident> TakeChanged()
    {
        lock (_gate)
        {
            var taken = _changed.Values.ToList();
            _changed.Clear();
            return taken;
        }
    }

    /// <summary>Gives back what could not be written; what changed again meanwhile stays as it is.</summary>
    public void GiveBack(IEnumerable<Incident> incidents)
    {
        lock (_gate)
        {
            foreach (var incident in incidents)
            {
                _changed.TryAdd(incident.Id, incident);
            }
        }
    }

    private void Put(Incident incident, bool isOpen)
    {
        lock (_gate)
        {
            if (isOpen)
            {
                _open[incident.Id] = incident;
            }
            else
            {
                _open.Remove(incident.Id);
                _dropped.Remove(incident.Id);
            }

            _changed[incident.Id] = incident.Copy();
        }
    }
}

/// <summary>What is dropped a second, as it was read at some time, µs UTC.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct Dropped(long Packets, long Bits, long AtMicros);
