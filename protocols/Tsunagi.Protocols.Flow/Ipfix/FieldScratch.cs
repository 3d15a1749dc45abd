namespace Tsunagi.Protocols.Flow.Ipfix;

/// <summary>What the fields of one record left to be put together.</summary>
internal ref struct FieldScratch
{
    // Seconds from 1900, the epoch of NTP, to 1970 (RFC 5905 section 6).
    private const long NtpToUnixSeconds = 2_208_988_800;

    private uint _startUptime, _endUptime;
    private bool _hasStartUptime, _hasEndUptime;
    private long _systemInit, _durationMilliseconds;
    private ulong _interval, _packetInterval, _space, _size, _population;

    public FieldScratch(FlowLimits limits) => Limits = limits;

    public FlowLimits Limits { get; }

    public bool BadSection { get; set; }

    public ulong SelectionSequence { get; private set; }

    public bool HasSelectionSequence { get; private set; }

    public void Note(FieldCode code, ulong number, ref FlowRecord record)
    {
        switch (code)
        {
            case FieldCode.StartUptime:
                (_startUptime, _hasStartUptime) = ((uint)number, true);
                break;
            case FieldCode.EndUptime:
                (_endUptime, _hasEndUptime) = ((uint)number, true);
                break;
            case FieldCode.StartSeconds:
                record.StartMilliseconds = (long)(number & uint.MaxValue) * 1000;
                break;
            case FieldCode.EndSeconds:
                record.EndMilliseconds = (long)(number & uint.MaxValue) * 1000;
                break;
            case FieldCode.StartMilliseconds:
                record.StartMilliseconds = Clamp(number);
                break;
            case FieldCode.EndMilliseconds:
                record.EndMilliseconds = Clamp(number);
                break;
            case FieldCode.StartMicroseconds:
                record.StartMilliseconds = NtpToMilliseconds(number);
                break;
            case FieldCode.EndMicroseconds:
                record.EndMilliseconds = NtpToMilliseconds(number);
                break;
            case FieldCode.StartDelta: // microseconds before the export time
                record.StartMilliseconds = record.ExportMilliseconds - (long)(number / 1000 & uint.MaxValue);
                break;
            case FieldCode.EndDelta:
                record.EndMilliseconds = record.ExportMilliseconds - (long)(number / 1000 & uint.MaxValue);
                break;
            case FieldCode.ObservedSeconds:
                record.StartMilliseconds = record.EndMilliseconds = (long)(number & uint.MaxValue) * 1000;
                break;
            case FieldCode.ObservedMilliseconds:
                record.StartMilliseconds = record.EndMilliseconds = Clamp(number);
                break;
            case FieldCode.ObservedMicroseconds:
                record.StartMilliseconds = record.EndMilliseconds = NtpToMilliseconds(number);
                break;
            case FieldCode.SystemInit:
                _systemInit = Clamp(number);
                break;
            case FieldCode.DurationMilliseconds:
                _durationMilliseconds = (long)(number & uint.MaxValue);
                break;
            case FieldCode.DurationMicroseconds:
                _durationMilliseconds = (long)(number / 1000 & uint.MaxValue);
                break;
            case FieldCode.IcmpTypeCode:
                // Some exporters fill it for every protocol; a template that has type and code apart is kept.
                (record.IcmpType, record.IcmpCode) = number == 0 ? (record.IcmpType, record.IcmpCode) : ((byte)(number >> 8), (byte)number);
                break;
            case FieldCode.Dscp:
                record.Tos = record.Tos == 0 ? (byte)(number << 2) : record.Tos;
                break;
            case FieldCode.SelectionSequence:
                (SelectionSequence, HasSelectionSequence) = (number, true);
                break;
            default:
                NoteSampling(code, number);
                break;
        }
    }

    /// <summary>Puts times and the record's own sampling together. <paramref name="bootMilliseconds"/> is when the exporter started, 0 if not known.</summary>
    public readonly void Complete(ref FlowRecord record, long bootMilliseconds)
    {
        long boot = _systemInit != 0 ? _systemInit : bootMilliseconds;
        if (boot != 0)
        {
            record.StartMilliseconds = _hasStartUptime ? At(boot, _startUptime, record.ExportMilliseconds) : record.StartMilliseconds;
            record.EndMilliseconds = _hasEndUptime ? At(boot, _endUptime, record.ExportMilliseconds) : record.EndMilliseconds;
        }

        if (_durationMilliseconds != 0 && record.StartMilliseconds == 0 && record.EndMilliseconds != 0)
        {
            record.StartMilliseconds = record.EndMilliseconds - _durationMilliseconds;
        }
        else if (_durationMilliseconds != 0 && record.EndMilliseconds == 0 && record.StartMilliseconds != 0)
        {
            record.EndMilliseconds = record.StartMilliseconds + _durationMilliseconds;
        }

        if (SamplingRate is var rate and not 0)
        {
            record.SamplingRate = rate;
            record.SamplingSource = SamplingSource.Record;
        }
    }

    /// <summary>The rate that the fields of the record state; 0 when they state none.</summary>
    public readonly uint SamplingRate => RateOf(_interval, _packetInterval, _space, _size, _population);

    /// <summary>The rate by the parameters of a selector; 0 when they give none.</summary>
    public static uint RateOf(ulong interval, ulong packetInterval, ulong space, ulong size, ulong population)
    {
        // RFC 5477 section 8.2: of population packets, size are taken; of interval + space packets, interval. Some exporters give an interval
        // without a space and mean one packet of so many; some give 1 there beside a population.
        ulong rate = size != 0 && population != 0 ? (size / 2 + population) / size
            : packetInterval != 0 && space != 0 ? (packetInterval / 2 + packetInterval + space) / packetInterval
            : interval != 0 ? interval
            : packetInterval;
        return (uint)Math.Min(rate, uint.MaxValue);
    }

    // The uptime is a 32-bit number that starts again after 49.7 days; a flow can not end after its export.
    private static long At(long boot, uint uptime, long export)
    {
        long at = boot + uptime;
        return at > export + int.MaxValue ? at - (1L << 32) : at < export - int.MaxValue - (1L << 31) ? at + (1L << 32) : at;
    }

    private void NoteSampling(FieldCode code, ulong number)
    {
        switch (code)
        {
            case FieldCode.SamplingInterval:
                _interval = number;
                break;
            case FieldCode.SamplingPacketInterval:
                _packetInterval = number & uint.MaxValue;
                break;
            case FieldCode.SamplingSpace:
                _space = number & uint.MaxValue;
                break;
            case FieldCode.SamplingSize:
                _size = number & uint.MaxValue;
                break;
            case FieldCode.SamplingPopulation:
                _population = number & uint.MaxValue;
                break;
        }
    }

    private static long Clamp(ulong number) => (long)Math.Min(number, long.MaxValue / 2);

    // RFC 7011 section 6.1.9: 32 bits of seconds, 32 bits of fraction. The era begins again in 2036.
    internal static long NtpToMilliseconds(ulong ntp)
    {
        long seconds = (long)(ntp >> 32) - NtpToUnixSeconds;
        return (seconds < 0 ? seconds + (1L << 32) : seconds) * 1000 + (long)((ntp & uint.MaxValue) * 1000 >> 32);
    }
}
