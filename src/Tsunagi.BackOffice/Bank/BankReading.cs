using System.Globalization;
using Tsunagi.BackOffice.Kana;

namespace Tsunagi.BackOffice.Bank;

/// <summary>What every reader gathers: faults up to the limit, entries with their ids.</summary>
internal sealed class BankReading(BankLimits limits)
{
    private const int MaxId = 160, KeptOfLongId = 100;

    private readonly Dictionary<string, int> _ids = [];
    private readonly List<BankFault> _faults = [];
    private int _entries;

    public BankLimits Limits => limits;

    public IReadOnlyList<BankFault> Faults => _faults;

    public bool IsSound => _faults.Count == 0;

    /// <summary>True once reading on makes no sense.</summary>
    public bool IsOver { get; private set; }

    public void Fault(int line, int column, string message)
    {
        if (_faults.Count < limits.MaxFaults)
        {
            _faults.Add(new BankFault(line, column, message));
        }

        IsOver |= _faults.Count >= limits.MaxFaults;
    }

    /// <summary>A fault after which nothing can be read.</summary>
    public void End(int line, int column, string message)
    {
        Fault(line, column, message);
        IsOver = true;
    }

    /// <summary>Counts one more entry against the limit.</summary>
    public bool Count(int line)
    {
        if (++_entries <= limits.MaxEntries)
        {
            return true;
        }

        End(line, 1, $"more than {limits.MaxEntries} bookings");
        return false;
    }

    /// <summary>The bank's id with its account, made different from equals before it in the file.</summary>
    public string Id(string account, string bankId)
    {
        var id = Short($"{account}|{bankId}");
        ref var count = ref System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrAddDefault(_ids, id, out _);
        count++;
        return count == 1 ? id : string.Create(CultureInfo.InvariantCulture, $"{id}#{count}");
    }

    /// <summary>Long ones (a whole remittance text) end in a hash instead.</summary>
    private static string Short(string id) => id.Length <= MaxId ? id
        : string.Concat(id.AsSpan(0, KeptOfLongId), "|", Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(id)).AsSpan(0, 20)));

    /// <summary>An id for a booking to which the bank gives none.</summary>
    public string Id(string account, DateOnly date, long amountMinor, string payer, string reference) =>
        Id(account, string.Create(CultureInfo.InvariantCulture, $"{date:yyyyMMdd}|{amountMinor}|{PayerName.Normalise(payer)}|{PayerName.Normalise(reference)}"));
}
