namespace Tsunagi.Protocols.Flow.Ipfix;

/// <summary>
/// What one exporter's observation domain (NetFlow v9 source id, v5 engine, sFlow sub-agent) has told: templates, sampling rates, sequence.
/// </summary>
public sealed class ObservationDomain
{
    private readonly Dictionary<ushort, Template> _templates = [];

    internal ObservationDomain(FlowOrigin origin, uint id)
    {
        Origin = origin;
        Id = id;
    }

    /// <summary>The protocol it speaks.</summary>
    public FlowOrigin Origin { get; }

    /// <summary>Its number.</summary>
    public uint Id { get; }

    /// <summary>Templates by their id.</summary>
    public IReadOnlyDictionary<ushort, Template> Templates => _templates;

    /// <summary>Sampling rates.</summary>
    public SamplingTable Sampling { get; } = new();

    /// <summary>What was lost on the way.</summary>
    public SequenceTracker Sequence => _sequence;

    /// <summary>Data sets that came without a known template.</summary>
    public ulong SetsWithoutTemplate { get; internal set; }

    /// <summary>When the exporter started, by its options records (IE 160); 0 when it has not said.</summary>
    public long BootMilliseconds { get; internal set; }

    internal ref SequenceTracker SequenceReference => ref _sequence;

    private SequenceTracker _sequence;

    internal Template? Find(ushort id) => _templates.GetValueOrDefault(id);

    /// <summary>Takes a template in; null when it is refused, else whether anything changed.</summary>
    internal bool? Put(Template template, int limit, out TemplateChange change)
    {
        change = TemplateChange.Added;
        if (_templates.TryGetValue(template.Id, out Template? known))
        {
            if (known.HasFormOf(template))
            {
                return false;
            }

            change = TemplateChange.Replaced;
        }
        else if (_templates.Count >= limit)
        {
            return null;
        }

        _templates[template.Id] = template;
        return true;
    }

    internal Template? Withdraw(ushort id) => _templates.Remove(id, out Template? gone) ? gone : null;

    internal List<Template> WithdrawAll(bool options)
    {
        List<Template> gone = [.. _templates.Values.Where(t => t.IsOptions == options)];
        gone.ForEach(t => _templates.Remove(t.Id));
        return gone;
    }
}
