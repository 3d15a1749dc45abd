using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Tsunagi.Connectivity.Contract;

namespace Tsunagi.Connectivity.Account;

/// <summary>
/// <see cref="AccountingRecord.Prefix"/> of the lines that report, made once for each line and NAS of a snapshot. Lines and NASes are told apart as objects: a new snapshot has new ones where something
/// has changed. Thread-safe; when it is full it begins anew.
/// </summary>
/// <param name="interim">How often access servers report.</param>
/// <param name="most">How many are kept: those of the lines and access servers of some snapshots.</param>
internal sealed class RecordPrefixes(TimeSpan interim, int most = RecordPrefixes.Most)
{
    public const int Most = 65_536;
    private static readonly object NoLine = new();

    private ConcurrentDictionary<(object Nas, object Line), byte[]> _known = New();
    private int _count;

    public byte[] Of(Nas nas, Line? line)
    {
        var key = ((object)nas, line ?? NoLine);
        if (!_known.TryGetValue(key, out var prefix))
        {
            prefix = AccountingRecord.Prefix(nas, line, interim);
            if (Interlocked.Increment(ref _count) > most)
            {
                _known = New();
                _count = 1;
            }

            _known[key] = prefix;
        }

        return prefix;
    }

    private static ConcurrentDictionary<(object Nas, object Line), byte[]> New() => new(Same.Both);

    private sealed class Same : IEqualityComparer<(object Nas, object Line)>
    {
        public static readonly Same Both = new();

        public bool Equals((object Nas, object Line) x, (object Nas, object Line) y) => ReferenceEquals(x.Nas, y.Nas) && ReferenceEquals(x.Line, y.Line);

        public int GetHashCode((object Nas, object Line) both) => (RuntimeHelpers.GetHashCode(both.Nas) * 31) ^ RuntimeHelpers.GetHashCode(both.Line);
    }
}
