using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace Tsunagi.Mail.Limits;

/// <summary>What was sent in the hour and in the day until now.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct SentLately(int MessagesPastHour, int MessagesPastDay, int RecipientsPastHour, int RecipientsPastDay);

/// <summary>What a credential sent, and what it may.</summary>
/// <param name="Usual">Recipients of its busiest hour before today; null for one that is not known yet.</param>
internal sealed record SentBy(SentLately Lately, int? Usual, SendingLimit Limit);

/// <summary>
/// What one sender (a credential, a tenant) sent on this node: messages and recipients of the last 25 hours, and the busiest hour of each of the last 28 days, which is what it is measured by. Besides,
/// the same of the other nodes, as it was told last. An hour and a day slide: of the oldest clock hour counts the part that is not over yet, taken as if it had been sent evenly. About 700
/// octets, twice that with other nodes. Not thread-safe: whoever has it locks it.
/// </summary>
internal sealed class SendingCounter
{
    public const int Days = 28;

    /// <summary>Days with mail before a credential is known well enough to be found changed.</summary>
    public const int DaysToKnow = 3;

    private const int Hours = 25;
    private const long MicrosPerHour = 3_600_000_000;

    private readonly int[] _messages = new int[Hours];
    private readonly int[] _recipients = new int[Hours];
    private readonly int[] _busiest = new int[Days];
    private SendingCounter? _elsewhere;
    private long _hour;

    /// <summary>What other nodes counted; null where there are none.</summary>
    public void Elsewhere(SendingCounter? sum) => _elsewhere = sum;

    /// <summary>Adds to what is counted; a negative count takes back what came to nothing.</summary>
    public void Add(long nowMicros, int messages, int recipients)
    {
        Roll(nowMicros);
        var slot = Slot(_hour);
        _messages[slot] = Math.Max(0, _messages[slot] + messages);
        _recipients[slot] = Math.Max(0, _recipients[slot] + recipients);
    }

    public SentLately Lately(long nowMicros)
    {
        Roll(nowMicros);
        _elsewhere?.Roll(nowMicros);
        var left = 1 - ((double)(nowMicros % MicrosPerHour) / MicrosPerHour);
        return new SentLately(Past(1, left, messages: true), Past(24, left, messages: true), Past(1, left, messages: false), Past(24, left, messages: false));
    }

    /// <summary>Recipients of the busiest hour of the days before today; null for a sender that is not known yet.</summary>
    public int? UsualPerHour(long nowMicros)
    {
        Roll(nowMicros);
        _elsewhere?.Roll(nowMicros);
        var today = (int)(_hour / 24 % Days);
        var (days, usual) = (0, 0);
        for (var day = 0; day < Days; day++)
        {
            var busiest = day == today ? 0 : _busiest[day] + (_elsewhere?._busiest[day] ?? 0);
            days += busiest > 0 ? 1 : 0;
            usual = Math.Max(usual, busiest);
        }

        return days >= DaysToKnow ? usual : null;
    }

    /// <summary>Adds another node's counter to this sum.</summary>
    public void Merge(SendingCounter other, long nowMicros)
    {
        Roll(nowMicros);
        other.Roll(nowMicros);
        for (var i = 0; i < Hours; i++)
        {
            _messages[i] += other._messages[i];
            _recipients[i] += other._recipients[i];
        }

        for (var i = 0; i < Days; i++)
        {
            _busiest[i] += other._busiest[i];
        }
    }

    /// <summary>"1;hour;messages;recipients;busiest", each list by blanks, the youngest first.</summary>
    public string Write()
    {
        var text = new StringBuilder("1;").Append(_hour.ToString(CultureInfo.InvariantCulture));
        Append(text, Hours, back => _messages[Slot(_hour - back)]);
        Append(text, Hours, back => _recipients[Slot(_hour - back)]);
        Append(text, Days, back => _busiest[(int)(((_hour / 24) - back + Days) % Days)]);
        return text.ToString();
    }

    /// <summary>Null for a text of another version or none of ours.</summary>
    public static SendingCounter? Read(string text)
    {
        var parts = text.Split(';');
        if (parts.Length != 5 || parts[0] != "1" || !long.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var hour))
        {
            return null;
        }

        var counter = new SendingCounter { _hour = hour };
        return Fill(parts[2], Hours, (back, count) => counter._messages[Slot(hour - back)] = count)
            && Fill(parts[3], Hours, (back, count) => counter._recipients[Slot(hour - back)] = count)
            && Fill(parts[4], Days, (back, count) => counter._busiest[(int)(((hour / 24) - back + Days) % Days)] = count)
            ? counter
            : null;
    }

    private static int Slot(long hour) => (int)(((hour % Hours) + Hours) % Hours);

    private static void Append(StringBuilder text, int count, Func<int, int> of)
    {
        var last = count;
        while (last > 0 && of(last - 1) == 0)
        {
            last--;
        }

        text.Append(';').AppendJoin(' ', Enumerable.Range(0, last).Select(back => of(back).ToString(CultureInfo.InvariantCulture)));
    }

    private static bool Fill(string list, int most, Action<int, int> set)
    {
        var counts = list.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        for (var i = 0; i < counts.Length; i++)
        {
            if (i >= most || !int.TryParse(counts[i], NumberStyles.None, CultureInfo.InvariantCulture, out var count))
            {
                return false;
            }

            set(i, count);
        }

        return true;
    }

    private int Past(int hours, double left, bool messages)
    {
        var sum = (long)Math.Ceiling(Of(hours, messages) * left);
        for (var back = 0; back < hours; back++)
        {
            sum += Of(back, messages);
        }

        return (int)Math.Min(sum, int.MaxValue);
    }

    private long Of(int back, bool messages)
    {
        var slot = Slot(_hour - back);
        return messages ? (long)_messages[slot] + (_elsewhere?._messages[slot] ?? 0) : (long)_recipients[slot] + (_elsewhere?._recipients[slot] ?? 0);
    }

    // A clock that goes back counts into the hour it was in: nobody gains an hour by it.
    private void Roll(long nowMicros)
    {
        var hour = nowMicros / MicrosPerHour;
        if (hour <= _hour)
        {
            return;
        }

        // Only what an hour came to in the end is history: recipients that were named and taken back must not make a sender look busy.
        var busiest = Math.Max(_busiest[(int)(_hour / 24 % Days)], _recipients[Slot(_hour)]);
        _busiest[(int)(_hour / 24 % Days)] = busiest;
        for (var next = Math.Max(_hour + 1, hour - Hours + 1); next <= hour; next++)
        {
            _messages[Slot(next)] = _recipients[Slot(next)] = 0;
        }

        for (var day = Math.Max((_hour / 24) + 1, (hour / 24) - Days + 1); day <= hour / 24; day++)
        {
            _busiest[(int)(day % Days)] = 0;
        }

        _hour = hour;
    }
}
