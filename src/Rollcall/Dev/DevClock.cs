namespace Rollcall.Dev;

/// <summary>
/// A clock that developers can move forward, for example to see a link expire. It returns to real time when the program
/// restarts.
/// </summary>
/// <param name="real">The clock that this one runs ahead of; null for the machine's.</param>
public sealed class DevClock(TimeProvider? real = null) : TimeProvider
{
    private readonly TimeProvider real = real ?? System;
    private long ahead;

    /// <summary>How far this clock is ahead of the real one.</summary>
    public TimeSpan Ahead => TimeSpan.FromTicks(Interlocked.Read(ref ahead));

    /// <summary>
    /// Moves the clock forward. It never moves back, because times already stored would then lie in the future.
    /// </summary>
    /// <param name="by">How far; negative values count as zero.</param>
    public void Forward(TimeSpan by) => Interlocked.Add(ref ahead, Math.Max(0, by.Ticks));

    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow() => real.GetUtcNow() + Ahead;
}
