//! The items of a place's index as they are in the table, beside what the store makes of them.

#![allow(
    dead_code,
    reason = "each test program uses the part of it that it needs"
)]

use std::collections::HashMap;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::Value;

use crate::aws_place::TestPlace;

impl TestPlace {
    /// One item.
    pub(crate) async fn item(
        &self,
        partition: &str,
        sort: &str,
    ) -> HashMap<String, AttributeValue> {
        let read = Client::new(&self.configuration)
            .get_item()
            .table_name(self.table())
            .key("pk", AttributeValue::S(partition.to_owned()))
            .key("sk", AttributeValue::S(sort.to_owned()))
            .consistent_read(true);
        read.send().await.unwrap().item.unwrap()
    }

    /// The only item of a partition.
    pub(crate) async fn only_item(&self, partition: &str) -> HashMap<String, AttributeValue> {
        let read = Client::new(&self.configuration)
            .query()
            .table_name(self.table())
            .key_condition_expression("pk = :partition")
            .expression_attribute_values(":partition", AttributeValue::S(partition.to_owned()))
            .consistent_read(true);
        let mut items = read.send().await.unwrap().items.unwrap();
        assert_eq!(items.len(), 1);
        items.remove(0)
    }

    /// Changes the document of an item behind the store's back.
    pub(crate) async fn edit_document(
        &self,
        partition: &str,
        sort: &str,
        edit: impl FnOnce(&mut Value),
    ) {
        let mut item = self.item(partition, sort).await;
        let mut document = serde_json::from_str(item["document"].as_s().unwrap()).unwrap();
        edit(&mut document);
        item.insert(
            "document".to_owned(),
            AttributeValue::S(document.to_string()),
        );
        self.put_item(item).await;
    }

    /// Takes the version of an item away, behind the store's back.
    pub(crate) async fn remove_version(&self, partition: &str, sort: &str) {
        let mut item = self.item(partition, sort).await;
        item.remove("version").unwrap();
        self.put_item(item).await;
    }

    async fn put_item(&self, item: HashMap<String, AttributeValue>) {
        let put = Client::new(&self.configuration)
            .put_item()
            .table_name(self.table())
            .set_item(Some(item));
        put.send().await.unwrap();
    }

    fn table(&self) -> String {
        format!("perfleet-{}-index", self.place.environment)
    }
}
