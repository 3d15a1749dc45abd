using System.Globalization;
using Tsunagi.Connectivity.Contract;

namespace Tsunagi.Connectivity.Dhcp;

/// <summary>How many messages a line's clients may send in a minute; who sends more is noted once in it.</summary>
internal sealed class FloodGuard(TimeProvider time, int mostPerMinute, DhcpNotes notes, string flooded)
{
    private readonly MessageLimit _limit = new(time, mostPerMinute, TimeSpan.FromMinutes(1));

    /// <param name="clientWord">What an event calls the client's name: "duid".</param>
    public bool MayCome(Line line, string clientWord, string client)
    {
        var may = _limit.MayCome(line.LineId, out var isFirst);
        if (isFirst)
        {
            notes.Note(flooded, line.LineId, line.TenantPath, new() { [clientWord] = client, ["perMinute"] = mostPerMinute.ToString(CultureInfo.InvariantCulture) });
        }

        return may;
    }
}
