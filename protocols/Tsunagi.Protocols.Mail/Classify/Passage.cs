using Tsunagi.Protocols.Mail.Message;

namespace Tsunagi.Protocols.Mail.Classify;

/// <summary>
/// What must be known of the whole header before its fields are read: whether a list passed the message on, which hosts did (each wrote a Received field, so they are
/// relays and not where it comes from), and when.
/// </summary>
internal sealed class Passage
{
    private const int Most = 32;
    private readonly uint[] _relays = new uint[Most];
    private readonly long[] _times = new long[Most];
    private int _relayCount;
    private int _timeCount;

    /// <summary>A list of people who write to each other passed it on.</summary>
    public bool IsOfList { get; private set; }

    /// <summary>It names a message it answers.</summary>
    public bool IsReply { get; private set; }

    /// <summary>As <see cref="IsReply"/>, or its subject says so.</summary>
    public bool LooksLikeReply { get; private set; }

    /// <summary>It has the field that Outlook writes beside its name.</summary>
    public bool HasMimeOle { get; private set; }

    /// <summary>The registered part of the author's domain, in lower case; empty for none.</summary>
    public string Author { get; private set; } = "";

    /// <summary>Reads a header section; what was read before is forgotten.</summary>
    public void Read(ReadOnlySpan<byte> message, int fields)
    {
        (_relayCount, _timeCount, IsOfList, IsReply, LooksLikeReply, HasMimeOle, Author) = (0, 0, false, false, false, false, "");
        Span<char> lower = stackalloc char[64];
        Span<char> text = stackalloc char[RouteTokens.MaxHop];
        var reader = new HeaderReader(message);
        for (int i = 0; i < fields && reader.Read(); i++)
        {
            HeaderField field = reader.Field;
            ReadOnlySpan<char> name = HeaderTokens.NameOf(field, lower);
            if (name.SequenceEqual("received"))
            {
                AddHop(RouteTokens.Text(field.Body, text), field.Body);
            }
            else
            {
                IsOfList |= ForeignFields.IsMarkOfList(name);
                IsReply |= name is "in-reply-to" or "references";
                LooksLikeReply |= IsReply || (name is "subject" && field.Body.TrimStart(" \t"u8) is [(byte)'R' or (byte)'r', (byte)'E' or (byte)'e', (byte)':', ..]) || (name is "subject" && field.Body.IndexOf("] Re:"u8) is > 0 and < 40);
                HasMimeOle |= name is "x-mimeole";
                if (name is "from" && Author.Length == 0 && AddressField.TryReadFirst(field.Body, 200, out _, out Smtp.Mailbox? from) && from is not null)
                {
                    Author = LinkTokens.Registered(from.Domain).ToString().ToLowerInvariant();
                }
            }
        }
    }

    /// <summary>The host wrote one of the message's hops itself.</summary>
    public bool IsRelay(ReadOnlySpan<char> host) => _relays.AsSpan(0, _relayCount).Contains(HashOf(LinkTokens.Registered(host)));

    /// <summary>Hours between a time and the nearest that a relay wrote, with its sign; null when none did.</summary>
    public double? HoursBehind(DateTimeOffset time)
    {
        double? nearest = null;
        foreach (long ticks in _times.AsSpan(0, _timeCount))
        {
            double hours = (ticks - time.UtcTicks) / (double)TimeSpan.TicksPerHour;
            nearest = nearest is { } best && Math.Abs(best) <= Math.Abs(hours) ? best : hours;
        }

        return nearest;
    }

    private void AddHop(ReadOnlySpan<char> hop, ReadOnlySpan<byte> body)
    {
        ReadOnlySpan<char> by = RouteTokens.By(hop);
        if (by.LastIndexOf('.') > 0 && by.IndexOfAnyExcept("0123456789.") >= 0 && _relayCount < Most)
        {
            _relays[_relayCount++] = HashOf(LinkTokens.Registered(by));
        }

        int time = body.LastIndexOf((byte)';');
        if (time >= 0 && _timeCount < Most && MailDate.TryParse(body[(time + 1)..], out DateTimeOffset at))
        {
            _times[_timeCount++] = at.UtcTicks;
        }
    }

    private static uint HashOf(ReadOnlySpan<char> host)
    {
        uint hash = 2166136261;
        foreach (char c in host)
        {
            hash = (hash ^ c) * 16777619;
        }

        return hash;
    }
}
