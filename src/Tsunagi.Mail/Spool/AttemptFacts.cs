namespace Tsunagi.Mail.Spool;

/// <summary>
/// One attempt at delivery, with where every recipient stands after it: the note that replaces a message's state in the spool, or, when nobody
/// waits any more, the facts its removal carries.
/// </summary>
internal sealed record AttemptFacts
{
    private const byte Version = 1;

    /// <summary>Stands for the next hop where nothing was tried: somebody, or its time, decided about mail that waited before it left.</summary>
    public const string Window = "window";

    /// <summary>Whose message it is, so that its projections need not look it up.</summary>
    public required string TenantPath { get; init; }

    public required string Subscription { get; init; }

    /// <summary>1 for the first attempt.</summary>
    public required int Attempt { get; init; }

    public required long StartedMicros { get; init; }

    public required long EndedMicros { get; init; }

    /// <summary>When it will be tried again; 0 when the message is finished.</summary>
    public required long NextMicros { get; init; }

    /// <summary>The next hop as configured, "mx.customer.example:25".</summary>
    public required string NextHop { get; init; }

    /// <summary>The address spoken to, or empty when no connection came about.</summary>
    public string Address { get; init; } = "";

    public string Tls { get; init; } = "";

    /// <summary>State of each recipient of the envelope, in its order.</summary>
    public required IReadOnlyList<RecipientState> States { get; init; }

    /// <summary>What the next hop (or we) said to the recipients tried in this attempt.</summary>
    public required IReadOnlyList<AttemptReply> Replies { get; init; }

    /// <summary>Id of the report sent about recipients that failed in this attempt, or empty.</summary>
    public string Report { get; init; } = "";

    public void Write(FactsWriter to)
    {
        to.Byte(Version);
        to.Text(TenantPath);
        to.Text(Subscription);
        to.Number(Attempt);
        to.Number(StartedMicros);
        to.Number(EndedMicros - StartedMicros);
        to.Number(NextMicros);
        to.Text(NextHop);
        to.Text(Address);
        to.Text(Tls);
        to.Text(Report);
        to.Number(States.Count);
        for (var i = 0; i < States.Count; i++)
        {
            to.Byte((byte)States[i]);
        }

        to.Number(Replies.Count);
        for (var i = 0; i < Replies.Count; i++)
        {
            to.Number(Replies[i].First);
            to.Number(Replies[i].Count);
            to.Text(Replies[i].Text);
        }
    }

    /// <summary>False when the bytes are not attempt facts of a version this program knows.</summary>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out AttemptFacts facts)
    {
        var from = new FactsReader(bytes);
        var known = from.Byte() == Version;
        var tenantPath = from.Text();
        var subscription = from.Text();
        var attempt = (int)from.Number();
        var started = from.Number();
        facts = new AttemptFacts
        {
            TenantPath = tenantPath,
            Subscription = subscription,
            Attempt = attempt,
            StartedMicros = started,
            EndedMicros = started + from.Number(),
            NextMicros = from.Number(),
            NextHop = from.Text(),
            Address = from.Text(),
            Tls = from.Text(),
            Report = from.Text(),
            States = ReadStates(ref from),
            Replies = ReadReplies(ref from),
        };
        return known && !from.Failed;
    }

    private static RecipientState[] ReadStates(ref FactsReader from)
    {
        var states = new RecipientState[from.Count()];
        for (var i = 0; i < states.Length; i++)
        {
            states[i] = (RecipientState)from.Byte();
        }

        return states;
    }

    private static AttemptReply[] ReadReplies(ref FactsReader from)
    {
        var replies = new AttemptReply[from.Count()];
        for (var i = 0; i < replies.Length; i++)
        {
            replies[i] = new AttemptReply((int)from.Number(), (int)from.Number(), from.Text());
        }

        return replies;
    }
}

/// <summary>One reply and the run of recipients (positions in the envelope) it was for: usually one reply for all of them.</summary>
/// <param name="Text">"250 2.0.0 Ok: queued as 4B1"; or our own words, in the same form, when the next hop said nothing.</param>
internal readonly record struct AttemptReply(int First, int Count, string Text);
