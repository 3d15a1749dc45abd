using System.Buffers;
using System.Text;
using Tsunagi.Mail.Beside;
using Tsunagi.Mail.Verdict;
using Tsunagi.Protocols.Mail.Milter;

namespace Tsunagi.Mail.Milter;

/// <summary>What milter packets say of a message, and how the answer about it is said in packets.</summary>
internal static class MilterMessage
{
    /// <summary>A field as the server tells it: folds are LF, and the white space behind the colon is there or not.</summary>
    public static void AddHeader(BesideMessage message, string name, ReadOnlySpan<byte> value, bool hasLeadingSpace)
    {
        var field = new ArrayBufferWriter<byte>(name.Length + value.Length + 16);
        field.Write(Encoding.Latin1.GetBytes(name));
        field.Write(hasLeadingSpace ? ":"u8 : ": "u8);
        while (value.IndexOf((byte)'\n') is >= 0 and var fold)
        {
            field.Write(value[..fold].TrimEnd((byte)'\r'));
            field.Write("\r\n"u8);
            value = value[(fold + 1)..];
        }

        field.Write(value);
        field.Write("\r\n"u8);
        message.AddField(name, field.WrittenSpan);
    }

    /// <summary>Judges and answers; the next message begins anew.</summary>
    public static async ValueTask AnswerAsync(BesideMessage message, IBufferWriter<byte> output, MilterOptions agreed, CancellationToken cancellationToken)
    {
        try
        {
            Write(message, await message.JudgeAsync(cancellationToken), output, agreed);
        }
        catch (IOException)
        {
            MilterReplyWriter.TempFail(output);
        }
        finally
        {
            message.Reset();
        }
    }

    private static void Write(BesideMessage message, BesideAnswer answer, IBufferWriter<byte> output, MilterOptions agreed)
    {
        if (answer.Action is PolicyAction.Defer or PolicyAction.Reject)
        {
            if (answer.Reply.Length == 0)
            {
                MilterReplyWriter.TempFail(output);
                return;
            }

            MilterReplyWriter.Reply(output, answer.Reply);
            return;
        }

        // Nothing of a message is touched that nobody wants looked into.
        for (var i = message.Remove.Count - 1; i >= 0 && answer.Verdict is not null && agreed.Actions.HasFlag(MilterActions.ChangeHeader); i--)
        {
            MilterReplyWriter.DeleteHeader(output, message.Remove[i].Place, message.Remove[i].Name);
        }

        var white = agreed.Steps.HasFlag(MilterSteps.LeadingSpace) ? " " : "";
        Insert(output, answer.Mark, white);
        Insert(output, answer.Authentication, white);
        if (answer.Action == PolicyAction.Quarantine && agreed.Actions.HasFlag(MilterActions.Quarantine))
        {
            MilterReplyWriter.Quarantine(output, $"{answer.Verdict!.Reason} ({answer.Id})");
        }

        MilterReplyWriter.Accept(output);
    }

    // "Name: value CRLF"; with the leading-space option the server puts nothing behind the colon by itself.
    private static void Insert(IBufferWriter<byte> output, string field, string white)
    {
        if (field.IndexOf(": ", StringComparison.Ordinal) is > 0 and var colon)
        {
            MilterReplyWriter.InsertHeader(output, field[..colon], white + field[(colon + 2)..].TrimEnd('\r', '\n'));
        }
    }
}
