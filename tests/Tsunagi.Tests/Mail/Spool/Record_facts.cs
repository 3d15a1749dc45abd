using Tsunagi.Mail.Spool;

namespace Tsunagi.Tests.Mail.Spool;

public sealed class Record_facts
{
    private static readonly AcceptFacts Accept = new()
    {
        AcceptedMicros = 1_795_392_000_123_456, Flags = MessageFlags.Utf8 | MessageFlags.Tls, TenantPath = "t_a/t_b/", Subscription = "s_1", ReversePath = "",
        Recipients = ["b@one.example", "ü@例え.jp", ""], SizeBytes = 4_096, ClientAddress = "2001:db8::1", Helo = "h", Tls = "TLS1.3, X", Transaction = "m_1",
        About = "m_2", MessageIdHeader = "1@x", Subject = "=?utf-8?B?44GT?=", FromDomain = "x.example",
        Hold = HoldClass.Attachment, Added = "X-One: 1\r\n", Evidence = new byte[] { 1, 0, 255 },
        PendingUntilMicros = 1_795_392_600_000_000, TellsSender = true, Doubts = ["", "例え.jp", ""],
    };

    private static readonly AttemptFacts Attempt = new()
    {
        TenantPath = "t_a/t_b/", Subscription = "s_1", Attempt = 3, StartedMicros = 10, EndedMicros = 12, NextMicros = 99, NextHop = "mx:25", Address = "192.0.2.1",
        Tls = "", States = [RecipientState.Delivered, RecipientState.Waiting, RecipientState.Failed],
        Replies = [new AttemptReply(0, 2, "250 ok"), new AttemptReply(2, 1, "550 5.1.1 ü")], Report = "m_9",
    };

    [Fact]
    public void What_is_written_is_read_back()
    {
        var writer = new FactsWriter();
        Accept.Write(writer);
        Assert.True(AcceptFacts.TryRead(writer.Written.Span, out var accept));
        Assert.Equivalent(Accept with { Evidence = default }, accept with { Evidence = default }, strict: true);
        Assert.Equal(Accept.Evidence.ToArray(), accept.Evidence.ToArray());
        Assert.Equal("X-One: 1\r\n"u8, AcceptFacts.AddedOf(writer.Written.Span));
        writer.Clear();
        Attempt.Write(writer);
        Assert.True(AttemptFacts.TryRead(writer.Written.Span, out var attempt));
        Assert.Equivalent(Attempt, attempt, strict: true);
    }

    [Fact]
    public void A_record_cut_anywhere_or_damaged_anywhere_never_throws_and_a_cut_one_is_refused()
    {
        var writer = new FactsWriter();
        Accept.Write(writer);
        var whole = writer.Written.ToArray();
        for (var length = 0; length < whole.Length; length++)
        {
            Assert.False(AcceptFacts.TryRead(whole.AsSpan(0, length), out _), $"cut at {length}");
        }

        writer.Clear();
        Attempt.Write(writer);
        var attempt = writer.Written.ToArray();
        for (var at = 0; at < attempt.Length; at++)
        {
            foreach (byte value in new byte[] { 0, 0x7F, 0x80, 0xFF })
            {
                var damaged = (byte[])attempt.Clone();
                damaged[at] = value;
                AttemptFacts.TryRead(damaged, out _);
            }
        }
    }

    [Fact]
    public void A_record_of_version_1_is_still_read_and_has_no_verdict()
    {
        // As version 1 wrote it: flags 4, one recipient, no texts behind the reverse-path but the HELO name.
        byte[] old = [1, 4, 10, 20, 2, (byte)'t', (byte)'/', 1, (byte)'s', 1, (byte)'a', 0, 1, (byte)'h', 0, 0, 0, 0, 0, 0, 1, 1, (byte)'b'];
        Assert.True(AcceptFacts.TryRead(old, out var facts));
        Assert.Equal(("t/", "s", "a", "h", 10L, 20L), (facts.TenantPath, facts.Subscription, facts.ReversePath, facts.Helo, facts.AcceptedMicros, facts.SizeBytes));
        Assert.Equal(["b"], facts.Recipients);
        Assert.Equal((HoldClass.None, "", 0), (facts.Hold, facts.Added, facts.Evidence.Length));
        Assert.Empty(AcceptFacts.AddedOf(old));
        Assert.True(AcceptFacts.TryReadBilled(old, out var billed));
        Assert.Equal(("t/", "s", 10L, 20L), billed);
        old[0] = 3;
        Assert.False(AcceptFacts.TryRead(old, out _));
    }

    [Fact]
    public void A_record_of_version_3_is_still_read_and_waits_for_nothing()
    {
        var writer = new FactsWriter();
        (Accept with { PendingUntilMicros = 0, TellsSender = false, Doubts = [], SubmittedBy = "scanner" }).Write(writer);

        // Version 4 added three fields at the end, of an octet each when they say nothing.
        byte[] old = [3, .. writer.Written.Span[1..^3]];
        Assert.True(AcceptFacts.TryRead(old, out var facts));
        Assert.Equal((0L, false, 0, "scanner"), (facts.PendingUntilMicros, facts.TellsSender, facts.Doubts.Count, facts.SubmittedBy));
        Assert.Equal(Accept.Recipients, facts.Recipients);
        Assert.Equal("X-One: 1\r\n"u8, AcceptFacts.AddedOf(old));
        Assert.True(AcceptFacts.TryReadBilled(old, out _));
    }

    [Fact]
    public void Meters_read_what_is_billed_and_skip_our_own_reports()
    {
        var writer = new FactsWriter();
        Accept.Write(writer);
        Assert.True(AcceptFacts.TryReadBilled(writer.Written.Span, out var billed));
        Assert.Equal(("t_a/t_b/", "s_1", Accept.AcceptedMicros, 4_096L), billed);
        writer.Clear();
        (Accept with { Flags = MessageFlags.Report }).Write(writer);
        Assert.False(AcceptFacts.TryReadBilled(writer.Written.Span, out _));
    }
}
