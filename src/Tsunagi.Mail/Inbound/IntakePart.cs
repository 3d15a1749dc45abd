using Tsunagi.Core.Logs;
using Tsunagi.Mail.Contract;
using Tsunagi.Mail.Pending;
using Tsunagi.Mail.Spool;
using Tsunagi.Mail.Verdict;
using Tsunagi.Protocols.Mail.Smtp;

namespace Tsunagi.Mail.Inbound;

/// <summary>
/// The part of a transaction that belongs to one subscription, and, once it was judged, to one verdict. Each part becomes a message of its own, with its own id, body and trace: so no
/// tenant's rows ever name another tenant's recipients, and one tenant's next hop never delays another's mail.
/// </summary>
internal sealed class IntakePart(Gateway? gateway, bool isOutbound, bool isFeedback = false)
{
    /// <summary>Null for the provider's own postmaster.</summary>
    public Gateway? Gateway => gateway;

    /// <summary>The gateway's customer sends it to others: it is not filtered, and leaves by our smarthost, or by MX.</summary>
    public bool IsOutbound => isOutbound;

    /// <summary>For the address of reports: it is not filtered (nobody reads it but the parser), and the intake takes it.</summary>
    public bool IsFeedback => isFeedback;

    /// <summary>Somebody's policy holds for it.</summary>
    public bool IsFiltered => !isOutbound && !isFeedback;

    public List<ForwardPath> Recipients { get; } = [];

    public SpoolId Id { get; set; }

    public SpoolBody? Body { get; set; }

    public FactsWriter Facts { get; } = new();

    /// <summary>Octets of our own trace header at the head of the body.</summary>
    public int TraceBytes { get; set; }

    /// <summary>What is done with it, for all its recipients.</summary>
    public MessageVerdict Verdict { get; set; } = MessageVerdict.NotChecked;

    /// <summary>The verdict as it is stored; empty where nothing was checked.</summary>
    public ReadOnlyMemory<byte> Evidence { get; set; }

    /// <summary>How it waits before it leaves, for all its recipients; null when it leaves at once.</summary>
    public PendingOrder? Pending { get; set; }

    /// <summary>Header fields that stand before the content.</summary>
    public string Added { get; set; } = "";
}
