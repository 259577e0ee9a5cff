//! RocksDB's settings, for a process of 64 MiB that is idle and about 150 MiB under load with the default budgets.

use rocksdb::{
    BlockBasedIndexType, BlockBasedOptions, Cache, ColumnFamilyDescriptor, DBCompressionType,
    DBRecoveryMode, LruCacheOptions, MergeOperands, Options as RocksOptions, SliceTransform,
};

use super::Options;
use super::keys::{self, Family};

/// Eight shards: each with room for thousands of blocks, and enough of them for the threads of a large machine.
const CACHE_SHARD_BITS: i32 = 3;
const METADATA_BLOCK_BYTES: usize = 4 << 10;

pub(super) fn database(options: &Options) -> RocksOptions {
    let mut database = RocksOptions::default();
    database.create_if_missing(true);
    database.create_missing_column_families(true);
    // A torn tail is what a crash leaves; a flipped byte before it, or a lost file, refuses to open.
    database.set_wal_recovery_mode(DBRecoveryMode::TolerateCorruptedTailRecords);
    database.set_track_and_verify_wals_in_manifest(true);
    database.set_paranoid_checks(true);
    // There is one writer, so synchronising memtable inserts is pure cost.
    database.set_allow_concurrent_memtable_write(false);
    database.set_enable_write_thread_adaptive_yield(false);
    database.set_db_write_buffer_size(options.memtable_bytes);
    database.set_max_total_wal_size(options.wal_bytes_max);
    database.set_max_background_jobs(2);
    database.set_max_open_files(1024);
    database.set_max_file_opening_threads(2);
    database.set_skip_stats_update_on_db_open(true);
    database.set_bytes_per_sync(1 << 20);
    database.set_keep_log_file_num(3);
    database.set_max_log_file_size(4 << 20);
    database.set_stats_dump_period_sec(0);
    database.set_stats_persist_period_sec(0);
    database
}

pub(super) fn families(options: &Options) -> Vec<ColumnFamilyDescriptor> {
    let mut cache = LruCacheOptions::default();
    cache.set_capacity(options.block_cache_bytes);
    cache.set_num_shard_bits(CACHE_SHARD_BITS);
    let cache = Cache::new_lru_cache_opts(&cache);
    Family::ALL
        .iter()
        .map(|&family| ColumnFamilyDescriptor::new(family.name(), family_options(family, &cache)))
        .collect()
}

fn family_options(family: Family, cache: &Cache) -> RocksOptions {
    let mut options = RocksOptions::default();
    let mut table = BlockBasedOptions::default();
    table.set_block_cache(cache);
    // Indexes and filters count against the cache's budget instead of growing with the store.
    table.set_cache_index_and_filter_blocks(true);
    table.set_cache_index_and_filter_blocks_with_high_priority(true);
    table.set_pin_l0_filter_and_index_blocks_in_cache(true);
    table.set_optimize_filters_for_memory(true);
    options.set_compression_type(DBCompressionType::None);
    match family {
        // Records are compressed one by one.
        Family::Statements | Family::Voided => table.set_block_size(8 << 10),
        Family::Ids => {
            filter_in_parts(&mut table);
            table.set_bloom_filter(10.0, false);
            filter_memtable(&mut options);
        }
        Family::Terms | Family::RowTerms => {
            options.set_compression_type(DBCompressionType::Lz4);
            if family == Family::Terms {
                options.set_merge_operator_associative("chain_or", chain_or);
            }
            options.set_prefix_extractor(SliceTransform::create_fixed_prefix(
                keys::TERM_PREFIX_LENGTH,
            ));
            table.set_block_size(8 << 10);
            filter_in_parts(&mut table);
            table.set_bloom_filter(10.0, false);
            table.set_whole_key_filtering(false);
        }
        Family::Rows => options.set_compression_type(DBCompressionType::Lz4),
        Family::Referrers => table.set_bloom_filter(10.0, false),
        Family::Documents | Family::Records => {
            filter_memtable(&mut options);
            options.set_compression_type(DBCompressionType::Lz4);
            table.set_bloom_filter(10.0, false);
        }
        Family::BlobChunks => {
            options.set_write_buffer_size(8 << 20);
            table.set_block_size(64 << 10);
        }
        Family::Meta | Family::Pending | Family::Blobs | Family::Uploads => {}
    }
    options.set_block_based_table_factory(&table);
    options
}

/// A filter of a million keys would crowd a shard of the cache, or not fit into it and be read from its file each time.
fn filter_in_parts(table: &mut BlockBasedOptions) {
    table.set_index_type(BlockBasedIndexType::TwoLevelIndexSearch);
    table.set_partition_filters(true);
    table.set_metadata_block_size(METADATA_BLOCK_BYTES);
    table.set_pin_top_level_index_and_filter(true);
}

/// Most keys that are asked for are not there: a bloom filter over the memtable says so without a search.
fn filter_memtable(options: &mut RocksOptions) {
    options.set_memtable_whole_key_filtering(true);
    // Of the write buffer of 64 MiB: 128 KiB, ten bits for each of 100,000 keys.
    options.set_memtable_prefix_bloom_ratio(0.002);
}

/// Chain bits from late propagation are added to those that are there, in any order.
fn chain_or(_key: &[u8], existing: Option<&[u8]>, operands: &MergeOperands) -> Option<Vec<u8>> {
    let bits = |value: &[u8]| value.first().copied().unwrap_or(0);
    let start = existing.map_or(0, bits);
    Some(vec![
        operands
            .iter()
            .fold(start, |sum, operand| sum | bits(operand)),
    ])
}
