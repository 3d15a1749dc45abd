using Tsunagi.Core.Logs;
using Tsunagi.Core.Net.Tls;
using Tsunagi.Mail.Pending;
using Tsunagi.Protocols.Mail.Smtp;

namespace Tsunagi.Mail.Inbound;

/// <summary>What a customer sends to others may wait before it leaves: recipients that wait and recipients that do not are messages of their own.</summary>
internal sealed partial class MessageIntake
{
    private void Hold(SmtpServerMachine machine, TlsSession? tls)
    {
        if (_services.Pending is not { } word)
        {
            return;
        }

        foreach (var part in _parts.Where(static part => part is { IsOutbound: true, Gateway: not null }).ToList())
        {
            if (word.Of(part.Gateway!, machine.Transaction!.ReversePath, _header.FromAddress, part.Recipients, _acceptedMicros) is not { } order)
            {
                continue;
            }

            if (!order.Waits.Contains(false))
            {
                part.Pending = order;
                continue;
            }

            SplitOff(machine, tls, part, order);
        }
    }

    private void SplitOff(SmtpServerMachine machine, TlsSession? tls, IntakePart part, PendingOrder order)
    {
        var waiting = new IntakePart(part.Gateway, isOutbound: true) { Id = SpoolId.New(_services.Time), Body = _services.Spool.BeginBody() };
        _bodies.Add(waiting.Body);
        var doubts = new List<string>();
        for (var i = 0; i < order.Waits.Count; i++)
        {
            if (order.Waits[i])
            {
                waiting.Recipients.Add(part.Recipients[i]);
                doubts.Add(order.Doubts[i]);
            }
        }

        part.Recipients.RemoveAll(waiting.Recipients.Contains);
        waiting.Pending = order with { Waits = [.. doubts.Select(static _ => true)], Doubts = doubts };
        TraceFieldOf(machine, tls, waiting).WriteTo(waiting.Body, machine.Transaction!.Parameters.SmtpUtf8);
        waiting.TraceBytes = (int)waiting.Body.Length;
        Copy(part.Body!, part.TraceBytes, waiting.Body);
        _parts.Add(waiting);
    }
}
